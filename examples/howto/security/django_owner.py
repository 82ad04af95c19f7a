"""A Django project in one file that shows a task to its owner only."""

import os
from uuid import UUID

import django
from django.conf import settings

settings.configure(
    SECRET_KEY=os.environ["DJANGO_SECRET_KEY"],
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.environ.get("DJANGO_DATABASE", "shop.sqlite3"),
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    LOGIN_URL="/login",
    ROOT_URLCONF=__name__,
)
django.setup()

from django.contrib.auth.decorators import login_required  # noqa: E402 - Django is set up first
from django.db import models  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.shortcuts import get_object_or_404  # noqa: E402
from django.urls import path  # noqa: E402
from shop.celery_app import celery_app  # noqa: E402


class Job(models.Model):
    """A task, and whose it is."""

    id = models.UUIDField(primary_key=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)

    class Meta:
        """Its app is this file."""

        app_label = "shop"

    def __str__(self) -> str:
        """Return its id."""
        return str(self.pk)


@login_required
def show(request: HttpRequest, task_id: UUID) -> JsonResponse:
    """Say how a task of the user is. An unknown id, and somebody else's, answer 404."""
    job = get_object_or_404(Job, pk=task_id, owner=request.user)
    return JsonResponse({"state": celery_app.AsyncResult(str(job.pk)).state})


urlpatterns = [path("tasks/<uuid:task_id>", show)]

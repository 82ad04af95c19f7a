"""Django, in one file: ``gunicorn --threads 8 shop.django_app:app``."""

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from kombu.exceptions import OperationalError

from shop.tasks import send_receipt

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
)
django.setup()


def naive(_: HttpRequest) -> HttpResponse:
    """Send a receipt."""
    return HttpResponse(send_receipt.delay(1).id, status=202)


def recommended(_: HttpRequest) -> HttpResponse:
    """Send a receipt, and say so when that is not possible."""
    try:
        return HttpResponse(send_receipt.delay(1).id, status=202)
    except OperationalError:
        return HttpResponse("try again later", status=503)


def other(_: HttpRequest) -> HttpResponse:
    """Answer what has nothing to do with tasks."""
    return HttpResponse("other")


urlpatterns = [path("naive", naive), path("recommended", recommended), path("other", other)]
app = WSGIHandler()

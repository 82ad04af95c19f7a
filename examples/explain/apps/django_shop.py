"""A program: which Celery app a request finds in Django."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery, current_app
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
celery_app = Celery("shop")
celery_app.config_from_object("django.conf:settings", namespace="CELERY")


def which_app(_: HttpRequest) -> HttpResponse:
    """Name the app that this thread finds."""
    return HttpResponse(current_app.main)


def main() -> None:
    """Print what this thread finds, and what a request finds in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(which_app, RequestFactory().get("/app")).result()
    found = answer.content.decode()
    sys.stdout.write(f"this thread: {current_app.main}, a request: {found}\n")


if __name__ == "__main__":
    main()

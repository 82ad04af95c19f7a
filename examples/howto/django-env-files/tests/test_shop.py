"""The shop, with the variables of the tests."""

import pytest
from celery import Celery
from django.conf import settings
from shop.tasks import send_receipt

from conftest import ENVIRONMENT


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent() -> None:
    result = send_receipt.delay("ada@example.com")
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_the_variables_of_the_tests_are_in_force(celery_app: Celery) -> None:
    assert ENVIRONMENT["DJANGO_SECRET_KEY"] == settings.SECRET_KEY
    assert celery_app.conf.broker_url == "memory://"
    assert celery_app.conf.result_backend == "cache+memory://"


def test_the_web_server_finds_its_application() -> None:
    from config.wsgi import application

    assert callable(application)

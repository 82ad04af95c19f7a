"""The shop, as a customer sees it."""

from http import HTTPStatus

import pytest
from celery import Celery
from celery.result import AsyncResult
from django.test import Client
from shop import tasks


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent(client: Client) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.ACCEPTED
    result = AsyncResult(answer.json()["task"])
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_an_order_is_posted(client: Client) -> None:
    assert client.get("/orders").status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_a_message_of_the_release_before_is_run(celery_app: Celery) -> None:
    old = celery_app.tasks["shop.tasks.send_receipt"]
    assert old("ada@example.com") == "sent to ada@example.com"


def test_the_stock() -> None:
    assert tasks.count_stock() == 12


def test_the_settings_reach_celery(celery_app: Celery) -> None:
    assert celery_app.main == "config"
    assert celery_app.conf.broker_transport_options in ({}, {"polling_interval": 0.01})

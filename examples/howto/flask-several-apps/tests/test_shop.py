"""Two shops in one process, and which of them a task belongs to."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
from celery import chain
from celery.result import AsyncResult
from flask import Flask
from shop.celery_app import own
from shop.tasks import send_receipt


def test_the_last_app_takes_the_task(development: Flask, production: Flask) -> None:
    with development.app_context():
        receipt = send_receipt("ada@example.com")
        assert receipt == "shop@example.com writes to ada@example.com"
        assert send_receipt.app is production.extensions["celery"]
        assert AsyncResult("an id").app is production.extensions["celery"]


@pytest.mark.usefixtures("development")
def test_in_another_thread_as_well(production: Flask) -> None:
    with ThreadPoolExecutor() as server:
        found = server.submit(lambda: send_receipt.app).result()
    assert found is production.extensions["celery"]


def test_each_app_has_its_own_copy(development: Flask, production: Flask) -> None:
    for app in (development, production):
        with app.app_context():
            task = own(send_receipt)
            assert task.app is app.extensions["celery"]
            assert chain(task.s("ada@example.com")).app is task.app
            sender = app.config["SENDER"]
            assert task("ada@example.com") == f"{sender} writes to ada@example.com"


@pytest.mark.usefixtures("production", "worker")
def test_an_order_stays_in_its_shop(development: Flask) -> None:
    client = development.test_client()
    answer = client.post("/orders", data={"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED
    url = answer.json["receipt"]
    result = development.extensions["celery"].AsyncResult(url.removeprefix("/receipts/"))
    receipt = "test@example.com writes to ada@example.com"
    assert result.get(timeout=5, interval=0.01) == receipt
    assert client.get(url).json == {"state": "SUCCESS"}

"""The shop, as a customer sees it."""

from http import HTTPStatus

import pytest
from celery.result import AsyncResult
from flask import Flask
from flask.testing import FlaskClient
from shop import create_app, tasks


def test_the_receipt_is_sent(client: FlaskClient) -> None:
    answer = client.post("/orders", data={"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED
    result = AsyncResult(answer.json["task"])
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_an_order_without_an_address_is_refused(client: FlaskClient) -> None:
    assert client.post("/orders").status_code == HTTPStatus.BAD_REQUEST


def test_a_message_of_the_release_before_is_run(app: Flask) -> None:
    old = app.extensions["celery"].tasks["shop.tasks.send_receipt"]
    result = old.delay("ada@example.com")
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


@pytest.mark.usefixtures("app")
def test_the_body_of_each_task() -> None:
    assert tasks.count_stock() == 12
    with pytest.raises(ValueError, match=r"^not an e-mail address: nobody$"):
        tasks.send_receipt("nobody")


def test_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLASK_CELERY__broker_url", raising=False)
    monkeypatch.delenv("FLASK_CELERY__result_backend", raising=False)
    settings = create_app().config["CELERY"]
    assert settings["broker_url"] == "redis://127.0.0.1:6379/0"
    assert settings["result_backend"] == "redis://127.0.0.1:6379/1"
    monkeypatch.setenv("FLASK_CELERY__broker_url", "memory://")
    assert create_app().config["CELERY"]["broker_url"] == "memory://"

"""The shop before Celery."""

import time
from http import HTTPStatus

import pytest
from before import app


def test_the_customer_waits_for_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    answer = app.test_client().post("/orders", data={"email": "ada@example.com"})
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json == {"email": "ada@example.com"}
    assert slept == [2]

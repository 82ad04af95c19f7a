"""The shop before Celery."""

import time

import pytest
from before import app
from fastapi import status
from fastapi.testclient import TestClient


def test_the_customer_waits_for_the_mail_server(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    with TestClient(app) as client:
        monkeypatch.setattr(time, "sleep", slept.append)
        answer = client.post("/orders", json={"email": "ada@example.com"})
        refused = client.post("/orders", json={})
    assert answer.status_code == status.HTTP_201_CREATED
    assert answer.json() == {"email": "ada@example.com"}
    assert refused.status_code == status.HTTP_422_UNPROCESSABLE_CONTENT
    assert slept == [2]

"""A setting of the web server, and the same one in the worker."""

from concurrent.futures import ThreadPoolExecutor

import celery
import pytest
from celery import Celery
from fastapi.testclient import TestClient
from shop.config import get_settings
from shop.main import app


def test_both_read_the_same_settings(
    worker: None, celery_app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings().mail, "host", "mail.example.org")
    client = TestClient(app)
    assert client.get("/mail-server").json() == "mail.example.org"
    answer = client.post("/receipts", params={"email": "ada@example.com"})
    assert answer.status_code == 202
    result = celery_app.AsyncResult(answer.json()["task_id"])
    receipt = result.get(timeout=30, interval=0.01)
    assert receipt == "wrote to ada@example.com by mail.example.org"


def test_an_override_reaches_the_endpoint_only(
    worker: None, celery_app: Celery, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = get_settings().mail.model_copy(update={"host": "mail.example.org"})
    settings = get_settings().model_copy(update={"mail": mail})
    monkeypatch.setitem(app.dependency_overrides, get_settings, lambda: settings)
    client = TestClient(app)
    assert client.get("/mail-server").json() == "mail.example.org"
    answer = client.post("/receipts", params={"email": "ada@example.com"})
    result = celery_app.AsyncResult(answer.json()["task_id"])
    assert result.get(timeout=30, interval=0.01) == "wrote to ada@example.com by 127.0.0.1"


def test_every_thread_finds_the_app(celery_app: Celery) -> None:
    with ThreadPoolExecutor() as threads:
        assert threads.submit(lambda: celery.current_app == celery_app).result()
    assert get_settings() is get_settings()

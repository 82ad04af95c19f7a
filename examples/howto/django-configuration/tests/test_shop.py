"""The shop, and what it is told from outside."""

import runpy

import pytest
from celery import Celery
from shop.tasks import send_receipt

from conftest import PROJECT


@pytest.mark.usefixtures("worker")
def test_the_receipt_is_sent() -> None:
    result = send_receipt.delay("ada@example.com")
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_the_settings_reach_celery(untouched: Celery) -> None:
    assert untouched.main == "config"
    assert untouched.conf.broker_url == "redis://127.0.0.1:6379/0"
    assert untouched.conf.broker_transport_options == {}
    assert untouched.conf.result_backend == "redis://127.0.0.1:6379/0"
    assert untouched.conf.task_ignore_result is True
    assert untouched.conf.worker_max_tasks_per_child == 1000
    assert untouched.conf.timezone == "Europe/Vienna"


def test_the_environment_reaches_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis.example.org/0")
    monkeypatch.setenv("CELERY_BROKER_TRANSPORT_OPTIONS", '{"visibility_timeout": 60}')
    monkeypatch.setenv("CELERY_RESULT_BACKEND", "redis://redis.example.org/1")
    settings = runpy.run_path(str(PROJECT / "config" / "settings.py"))
    assert settings["CELERY_BROKER_URL"] == "redis://redis.example.org/0"
    assert settings["CELERY_BROKER_TRANSPORT_OPTIONS"] == {"visibility_timeout": 60}
    assert settings["CELERY_RESULT_BACKEND"] == "redis://redis.example.org/1"

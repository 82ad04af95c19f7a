"""The module that `celery -A` names."""

import time

import pytest
from make_celery import celery_app


def test_the_worker_runs_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    task = celery_app.tasks["shop.tasks.send_receipt"]
    assert task(email="ada@example.com") == "sent to ada@example.com"
    assert slept == [2]

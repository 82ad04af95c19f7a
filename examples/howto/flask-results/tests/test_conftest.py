"""The tests leave the brokers and workers of others alone."""

from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import MagicMock

import pytest
from shop import celery_app

import conftest


def test_no_variable_sends_the_tests_elsewhere(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        monkeypatch.setenv(f"CELERY_{name}", "memory://elsewhere")
    conftest.pytest_configure(pytestconfig)
    conf = celery_app.conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


def test_only_this_worker_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    app, start_worker = MagicMock(), MagicMock()
    app.conf.task_always_eager = False
    started = start_worker.return_value.__enter__.return_value
    monkeypatch.setattr(conftest, "celery_app", app)
    monkeypatch.setattr(conftest, "start_worker", start_worker)
    with contextmanager(unwrap(conftest.worker))():
        app.control.shutdown.assert_not_called()
    app.control.shutdown.assert_called_once_with(destination=[started.hostname])
    start_worker.assert_called_once_with(app, perform_ping_check=False)

"""The settings of the shop, wherever they come from."""

import os
from contextlib import contextmanager
from inspect import unwrap
from typing import Any
from unittest.mock import MagicMock

import pytest
from flask import Flask
from shop import create_app, send_receipt

import conftest


def test_the_task_reads_the_tests_settings(settings: dict[str, Any], app: Flask) -> None:
    app.config["SENDER"] = "test@example.com"
    result = send_receipt.delay("ada@example.com")
    message = result.get(timeout=5, interval=0.01)
    assert message == "sent from test@example.com to ada@example.com"
    assert app.config["CELERY"] is settings["CELERY"]


def test_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_SECRET_KEY", "secret")
    monkeypatch.setenv("FLASK_CELERY__broker_url", "memory://")
    monkeypatch.setenv("FLASK_CELERY__result_backend", "cache+memory://")
    app = create_app()
    assert app.config["SENDER"] == "shop@example.com"
    assert app.config["CELERY"] == {
        "broker_url": "memory://",
        "result_backend": "cache+memory://",
        "task_ignore_result": True,
    }
    assert app.extensions["celery"].conf.broker_url == "memory://"
    assert app.extensions["celery"].main == "shop"


def test_every_missing_variable_is_named() -> None:
    names = "FLASK_SECRET_KEY, FLASK_CELERY__broker_url, FLASK_CELERY__result_backend"
    with pytest.raises(RuntimeError, match=rf"^Set these variables: {names}$"):
        create_app()


def test_only_missing_variables_are_named(settings: dict[str, Any]) -> None:
    settings["CELERY"]["result_backend"] = ""
    with pytest.raises(RuntimeError, match=r"^Set these variables: FLASK_CELERY__result_backend$"):
        create_app(settings)


def test_the_shell_does_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://redis.example.org/0")
    monkeypatch.setenv("FLASK_SENDER", "shell@example.com")
    monkeypatch.setenv("PATH_OF_FLASK_", "stays")
    conftest.pytest_configure()
    assert [name for name in os.environ if "CELERY_" in name or "FLASK_" in name] == [
        "PATH_OF_FLASK_"
    ]


def test_the_tasks_run_in_the_call_unless_a_worker_is_asked_for() -> None:
    parser = MagicMock()
    conftest.pytest_addoption(parser)
    parser.addoption.assert_called_once_with("--lane", choices=["eager", "worker"], default="eager")


def test_only_this_worker_is_stopped(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, start_worker = MagicMock(), MagicMock()
    celery_app = app.extensions["celery"]
    celery_app.conf.task_always_eager = False
    started = start_worker.return_value.__enter__.return_value
    monkeypatch.setattr(conftest, "create_app", lambda _: app)
    monkeypatch.setattr(conftest, "start_worker", start_worker)
    with contextmanager(unwrap(conftest.app))(settings):
        celery_app.control.shutdown.assert_not_called()
    celery_app.control.shutdown.assert_called_once_with(destination=[started.hostname])
    start_worker.assert_called_once_with(celery_app, perform_ping_check=False)


def test_the_flask_command_reports_what_is_in_force(settings: dict[str, Any]) -> None:
    settings["CELERY"]["broker_url"] = "redis://shop:hunter2@redis.example.org/0"
    app = create_app(settings)
    report = app.test_cli_runner().invoke(args=["celery-report"]).output
    assert report == f"{app.extensions['celery'].bugreport()}\n"
    assert "broker_url: 'redis://shop:********@redis.example.org:6379/0'" in report

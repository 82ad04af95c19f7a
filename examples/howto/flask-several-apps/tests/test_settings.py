"""The settings of a shop, and what the tests leave behind."""

import os
import runpy
from contextlib import contextmanager
from inspect import unwrap
from unittest.mock import MagicMock

import celery
import pytest
from flask import Flask
from shop import create_app
from shop.celery_app import own
from shop.tasks import send_receipt

import conftest


@pytest.fixture
def environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Return an environment without settings of the shop."""
    for name in list(os.environ):
        if name.startswith("FLASK_") or name in conftest.OVERRIDING_VARIABLES:
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.usefixtures("environ")
@pytest.mark.parametrize("stage", ["development", "production"])
def test_each_stage_has_its_own_queue(stage: str) -> None:
    conf = create_app(stage).extensions["celery"].conf
    assert conf.task_default_queue == stage
    assert conf.broker_url == conf.result_backend == "redis://127.0.0.1:6379/0"


@pytest.mark.usefixtures("environ")
def test_there_is_no_other_stage() -> None:
    with pytest.raises(KeyError, match=r"^'staging'$"):
        create_app("staging")


def test_a_variable_is_for_every_app(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("FLASK_CELERY__task_default_queue", "shop")
    queues = [
        create_app(stage).extensions["celery"].conf.task_default_queue
        for stage in ("development", "production")
    ]
    assert queues == ["shop", "shop"]


def test_the_command_takes_one_stage(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("SHOP_STAGE", "production")
    names = runpy.run_module("make_celery")
    assert names["celery_app"] is names["flask_app"].extensions["celery"]
    assert names["celery_app"].conf.task_default_queue == "production"


def test_own_needs_a_flask_app() -> None:
    with pytest.raises(RuntimeError, match=r"^Working outside of application context"):
        own(send_receipt)


def test_no_variable_sends_the_tests_elsewhere(
    environ: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL", "RESULT_BACKEND"):
        environ.setenv(f"CELERY_{name}", "memory://elsewhere")
    conf = request.getfixturevalue("development").extensions["celery"].conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")
    options = {"eager": {}, "worker": {"polling_interval": 0.01}}
    assert conf.broker_transport_options == options[request.config.getoption("--lane")]


def test_no_app_stays(production: Flask, request: pytest.FixtureRequest) -> None:
    assert "no_app_stays" in request.fixturenames
    assert celery.current_app == production.extensions["celery"]
    with contextmanager(unwrap(conftest.no_app_stays))():
        pass
    assert celery.current_app.main == "nobody"
    assert celery.app.default_app.main == "nobody"


def test_only_this_worker_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    development, production, start_worker = MagicMock(), MagicMock(), MagicMock()
    app = development.extensions["celery"]
    app.conf.task_always_eager = False
    started = start_worker.return_value.__enter__.return_value
    monkeypatch.setattr(conftest, "start_worker", start_worker)
    with contextmanager(unwrap(conftest.worker))(development, production):
        app.control.shutdown.assert_not_called()
    app.control.shutdown.assert_called_once_with(destination=[started.hostname])
    start_worker.assert_called_once_with(app, perform_ping_check=False)

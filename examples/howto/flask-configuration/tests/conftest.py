"""The tests bring their own settings, and leave out what the shell has."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask
from shop import create_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure() -> None:
    """Forget the variables that Flask and Celery would read."""
    for name in [name for name in os.environ if name.startswith(("CELERY_", "FLASK_"))]:
        del os.environ[name]


@pytest.fixture
def settings(pytestconfig: pytest.Config) -> dict[str, Any]:
    """Name every setting that has no default."""
    celery = IN_MEMORY | LANES[pytestconfig.getoption("--lane")]
    return {"SECRET_KEY": "for-tests-only", "CELERY": celery}


@pytest.fixture
def app(settings: dict[str, Any]) -> Iterator[Flask]:
    """Build the shop, with a worker thread unless the tasks run in the call."""
    app = create_app(settings)
    celery_app = app.extensions["celery"]
    if celery_app.conf.task_always_eager:
        yield app
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

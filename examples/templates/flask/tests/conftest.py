"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``. None needs a service."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from flask import Flask
from flask.testing import FlaskClient
from shop import create_app
from shop.config import CELERY

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    # The task runs inside the call of delay().
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    # A worker thread takes messages from a queue in memory; it looks every 10 ms, not every second.
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


def pytest_configure() -> None:
    """Forget the variables that Flask and Celery would read: one may name a real broker."""
    for name in [name for name in os.environ if name.startswith(("CELERY_", "FLASK_"))]:
        del os.environ[name]


@pytest.fixture
def app(pytestconfig: pytest.Config) -> Flask:
    """Build the shop. Its messages stay in this process."""
    lane = LANES[pytestconfig.getoption("--lane")]
    return create_app({"CELERY": {**CELERY, **IN_MEMORY, **lane}})


@pytest.fixture
def celery_app(app: Flask) -> Celery:
    """Return the Celery app of the shop."""
    return app.extensions["celery"]


@pytest.fixture
def client(app: Flask, celery_app: Celery) -> Iterator[FlaskClient]:
    """Return a client, with a worker at work; in the eager lane it needs none."""
    if celery_app.conf.task_always_eager:
        yield app.test_client()
        return
    # The check needs a task, celery.ping, that the shop does not have.
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield app.test_client()
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

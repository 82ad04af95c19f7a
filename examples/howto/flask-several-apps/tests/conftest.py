"""Two shops in one process; `pytest --lane worker` runs the tasks on a worker thread."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from flask import Flask
from shop import create_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these from the environment, and they win over the settings of every app.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


@pytest.fixture(autouse=True)
def no_app_stays() -> Iterator[None]:
    """Take the apps of a test away from the tests after it."""
    yield
    Celery("nobody").set_default()


@pytest.fixture
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return settings of Celery that keep all in memory."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return IN_MEMORY | LANES[request.config.getoption("--lane")]


@pytest.fixture
def development(settings: dict[str, Any]) -> Flask:
    """Build the shop under test."""
    return create_app("development", settings)


@pytest.fixture
def production(development: Flask, settings: dict[str, Any]) -> Flask:
    """Build another shop after it."""
    assert development.config["SENDER"] == "test@example.com"
    return create_app("production", settings)


@pytest.fixture
def worker(development: Flask, production: Flask) -> Iterator[None]:
    """Let a worker of the development shop work, unless tasks run in the call."""
    celery_app = development.extensions["celery"]
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        # The worker's thread goes on with its own app, this thread with the other.
        production.extensions["celery"].set_current()
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from flask import Flask
from flask.testing import FlaskClient
from shop import create_app
from shop.models import db

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the name of the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture
def settings() -> dict[str, Any]:
    """Return what a test changes in Flask's configuration."""
    return {}


@pytest.fixture
def app(
    lane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> Iterator[Flask]:
    """Build the application on a database of its own, with a worker thread in the worker lane."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    app = create_app(
        {
            "CELERY": IN_MEMORY | LANES[lane],
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "TESTING": True,
            **settings,
        }
    )
    app.test_cli_runner().invoke(args=["init-db"])
    celery_app: Celery = app.extensions["celery"]
    if celery_app.conf.task_always_eager:
        yield app
    else:
        with start_worker(celery_app, perform_ping_check=False) as worker:
            yield app
            # Named, or every worker of the broker stops; without it, leaving takes four seconds.
            celery_app.control.shutdown(destination=[worker.hostname])
    # From Python 3.13 on, a connection that nobody closes is a warning.
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client of the application."""
    return app.test_client()


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the ids of tasks as they end: ``finished.get(timeout=30)`` waits for one."""
    ids: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ids.put(task_id)

    task_postrun.connect(record)
    yield ids
    task_postrun.disconnect(record)

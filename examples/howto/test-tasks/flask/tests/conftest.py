"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from flask import Flask
from shop import create_app, mail
from shop.models import Order, db

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_eager_propagates": True},
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
    """Return the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture
def app(lane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Build the application on a database of its own, with an order."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    database = f"sqlite:///{tmp_path / 'shop.db'}"
    app = create_app({"CELERY": IN_MEMORY | LANES[lane], "SQLALCHEMY_DATABASE_URI": database})
    with app.app_context():
        db.create_all()
        db.session.add(Order(id=1, email="ada@example.org"))
        db.session.commit()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def celery_app(app: Flask) -> Celery:
    """Return the Celery app."""
    return app.extensions["celery"]


@pytest.fixture
def worker(celery_app: Celery, lane: str) -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if lane == "eager":
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what would be sent."""
    mails: list[str] = []
    monkeypatch.setattr(mail, "send", lambda email, _text: mails.append(email))
    return mails


def by_call(task: Task, *args: object) -> object:
    """Call the body."""
    return task(*args)


def by_delay(task: Task, *args: object) -> object:
    """Send the task, and wait for its result."""
    return task.delay(*args).get(timeout=5, interval=0.01)

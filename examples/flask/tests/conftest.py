"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from celery import Celery
from celery.signals import task_postrun
from flask import Flask
from flask.testing import FlaskClient
from lanes import LANES, worker_thread
from shop import CELERY, create_app, mail
from shop.celery_app import OVERRIDING_VARIABLES
from shop.extensions import db
from shop.models import User


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the name of the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture
def app(lane: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Build the application on a database of its own."""
    # With one of these set, the tests would talk to that broker, whatever they configure.
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    app = create_app(
        {
            "TESTING": True,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "CELERY": {**CELERY, **LANES[lane]},
        }
    )
    with app.app_context():
        db.create_all()
    yield app
    # From Python 3.13 on, a connection that nobody closes is a warning.
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def celery_app(app: Flask) -> Celery:
    """Return the Celery app of the application."""
    return app.extensions["celery"]


@pytest.fixture
def working_app(app: Flask, celery_app: Celery, lane: str) -> Iterator[Flask]:
    """Return the application with a worker at work; in the eager lane it needs none."""
    if lane == "eager":
        yield app
    else:
        with worker_thread(celery_app):
            yield app


@pytest.fixture
def client(working_app: Flask) -> FlaskClient:
    """Return a client of the application."""
    return working_app.test_client()


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the ids of tasks as they end: ``finished.get(timeout=30)`` waits for one."""
    ids: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ids.put(task_id)

    task_postrun.connect(record)
    yield ids
    task_postrun.disconnect(record)


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect the mail instead of sending it."""
    messages: list[Any] = []
    monkeypatch.setattr(mail, "send", messages.append)
    return messages


@pytest.fixture
def user_id(app: Flask) -> int:
    """Save a customer and return the id."""
    with app.app_context():
        user = User(email="ada@example.org")
        db.session.add(user)
        db.session.commit()
        return user.id

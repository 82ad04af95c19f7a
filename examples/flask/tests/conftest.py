"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from shutil import copy

import pytest
from celery import Celery
from celery.signals import task_postrun
from flask import Flask
from flask.testing import FlaskClient
from flask_mail import Message
from lanes import LANES, worker_thread
from shop import CELERY, create_app
from shop.celery_app import OVERRIDING_VARIABLES
from shop.extensions import db, mailer
from shop.models import Job, User
from sqlalchemy import create_engine


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the name of the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create the tables once. Each test gets a copy of the file, which is faster."""
    path = tmp_path_factory.mktemp("database") / "shop.db"
    engine = create_engine(f"sqlite:///{path}")
    db.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture
def app(
    lane: str, empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """Build the application on a database of its own."""
    # With one of the first four set, the tests would talk to that broker, whatever they configure.
    for name in (*OVERRIDING_VARIABLES, "SHOP_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    app = create_app(
        {
            "TESTING": True,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{copy(empty_database, tmp_path)}",
            "IMAGE_FOLDER": tmp_path / "images",
            "WEBHOOK_URL": "",
            "CELERY": {**CELERY, **LANES[lane]},
        }
    )
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
def mailbox() -> Iterator[list[Message]]:
    """Collect the mail. With TESTING, the extension sends none."""
    with mailer.record_messages() as messages:
        yield messages


@pytest.fixture
def user_id(app: Flask) -> int:
    """Save a customer and return the id."""
    with app.app_context():
        user = User(email="ada@example.org")
        db.session.add(user)
        db.session.commit()
        return user.id


@pytest.fixture
def job_id(app: Flask) -> str:
    """Save a job and return the id."""
    with app.app_context():
        job = Job()
        db.session.add(job)
        db.session.commit()
        return job.id

"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from shutil import copy
from unittest.mock import MagicMock

import pytest
from celery import Celery, uuid
from celery.signals import task_postrun
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lanes import LANES, OVERRIDING_VARIABLES, worker_thread
from shop.celery_app import celery_app as shop_celery_app
from shop.config import Settings, get_settings
from shop.database import Base, engine, new_session
from shop.main import create_app
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
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings: the defaults, whatever this machine has set."""
    settings = get_settings()
    for name, field in Settings.model_fields.items():
        monkeypatch.setattr(settings, name, field.default)
    monkeypatch.setattr(settings, "image_folder", tmp_path / "images")
    return settings


@pytest.fixture(autouse=True)
def database(empty_database: Path, tmp_path: Path) -> Iterator[None]:
    """Give the test a database of its own."""
    test_engine = create_engine(f"sqlite:///{copy(empty_database, tmp_path)}")
    new_session.configure(bind=test_engine)
    yield
    new_session.configure(bind=engine)
    # From Python 3.13 on, a connection that nobody closes is a warning.
    test_engine.dispose()


@pytest.fixture(autouse=True)
def celery_app(lane: str, monkeypatch: pytest.MonkeyPatch) -> Celery:
    """Return the Celery app of the shop. Its messages stay in this process."""
    # With one of these set, the tests would talk to that broker, whatever they configure.
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    shop_celery_app.conf.update({"task_always_eager": False, **LANES[lane]})
    return shop_celery_app


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    """Build the application."""
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI, celery_app: Celery, lane: str) -> Iterator[TestClient]:
    """Return a client, with a worker at work; in the eager lane it needs none."""
    with TestClient(app) as client:
        if lane == "eager":
            yield client
        else:
            with worker_thread(celery_app):
                yield client


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the ids of tasks as they end: ``finished.get(timeout=30)`` waits for one."""
    ids: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ids.put(task_id)

    task_postrun.connect(record)
    yield ids
    task_postrun.disconnect(record)


@pytest.fixture(autouse=True)
def smtp(monkeypatch: pytest.MonkeyPatch) -> MagicMock:
    """Put something in the place of the mail server; ``smtp.server`` is a connection to it."""
    smtp = MagicMock()
    smtp.server = smtp.return_value.__enter__.return_value
    monkeypatch.setattr("shop.mail.SMTP", smtp)
    return smtp


def add(*rows: Base) -> None:
    """Save rows."""
    with new_session.begin() as session:
        session.add_all(rows)


@pytest.fixture
def user_id() -> int:
    """Save a customer and return the id."""
    add(User(id=7, email="ada@example.org"))
    return 7


@pytest.fixture
def job_id() -> str:
    """Save a job and return the id."""
    job_id = uuid()
    add(Job(id=job_id))
    return job_id

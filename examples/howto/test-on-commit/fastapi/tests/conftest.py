"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop import mail
from shop.celery_app import celery_app as shop_celery_app
from shop.database import Base, engine, new_session
from shop.main import app
from shop.models import Order
from shop.tasks import send_receipt
from sqlalchemy import create_engine

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


def pytest_configure(config: pytest.Config) -> None:
    """Keep every message in this process; a task copies some settings when it is used first."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture
def celery_app() -> Celery:
    """Return the Celery app."""
    return shop_celery_app


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[None]:
    """Make a database of this test's own."""
    test_engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    new_session.configure(bind=test_engine)
    Base.metadata.create_all(test_engine)
    yield
    new_session.configure(bind=engine)
    test_engine.dispose()


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
def mails(monkeypatch: pytest.MonkeyPatch) -> "SimpleQueue[str]":
    """Collect what would be sent, from any thread."""
    mails: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(mail, "send", lambda email, _text: mails.put(email))
    return mails


@pytest.fixture
def client() -> TestClient:
    """Return a client of the app."""
    return TestClient(app)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bool]]:
    """Collect which orders are sent, and whether somebody else sees them at that moment."""
    sent: list[tuple[int, bool]] = []

    def look(args: tuple[int], *_: object, **__: object) -> None:
        with new_session() as other:
            sent.append((args[0], other.get(Order, args[0]) is not None))

    monkeypatch.setattr(send_receipt, "apply_async", look)
    return sent

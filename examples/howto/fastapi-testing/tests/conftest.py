"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from celery import signals
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from kombu import Message
from shop import mail
from shop.celery_app import celery_app
from shop.database import create_tables, engine, new_session
from shop.main import create_app
from shop.models import Order
from sqlalchemy import create_engine

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {
        "task_always_eager": True,
        "task_eager_propagates": True,
        "task_store_eager_result": True,
    },
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
QUEUES = ["celery", "mail"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Set Celery up before a test module is imported and uses a task."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture
def eager() -> bool:
    """Say whether this is the eager lane."""
    return bool(celery_app.conf.task_always_eager)


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[None]:
    """Give requests and tasks an empty database file of this test's own."""
    test_engine = create_engine(f"sqlite:///{tmp_path}/shop.db")
    new_session.configure(bind=test_engine)
    yield
    new_session.configure(bind=engine)
    test_engine.dispose()


@pytest.fixture
def worker(database: None) -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, queues=QUEUES, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests to an app that has started."""
    with TestClient(create_app()) as client:
        yield client


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """Keep the mails."""
    sent: list[tuple[str, str, str]] = []
    monkeypatch.setattr(mail, "send", lambda *letter: sent.append(letter))
    return sent


@pytest.fixture
def order_id() -> int:
    """Save an order."""
    create_tables()
    with new_session.begin() as session:
        order = Order(email="ada@example.org")
        session.add(order)
        session.flush()
        return order.id


@pytest.fixture
def finished() -> Iterator["SimpleQueue[str]"]:
    """Return the ids of the tasks that have ended, in a queue to wait for."""
    ids: SimpleQueue[str] = SimpleQueue()

    def note(task_id: str, **_: object) -> None:
        ids.put(task_id)

    signals.task_postrun.connect(note)
    yield ids
    signals.task_postrun.disconnect(note)


@pytest.fixture
def eagerly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run tasks in the call in both lanes."""
    monkeypatch.setitem(celery_app.conf, "task_always_eager", True)
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", True)
    monkeypatch.setitem(celery_app.conf, "task_store_eager_result", True)


@pytest.fixture
def take(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Message]:
    """Have tasks sent in both lanes, and return what takes a message from a queue."""
    monkeypatch.setitem(celery_app.conf, "task_always_eager", False)

    def take(name: str) -> Message:
        with celery_app.connection_for_read() as connection:
            message = connection.SimpleQueue(name).get(block=False)
            message.ack()
            return message

    return take

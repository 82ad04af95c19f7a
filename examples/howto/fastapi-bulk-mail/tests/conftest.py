"""`pytest` runs the tasks in the call, `pytest --lane worker` on a worker thread."""

import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import before_task_publish, task_postrun
from fastapi.testclient import TestClient
from shop.celery_app import celery_app
from shop.config import Settings, get_settings
from shop.database import Base, engine, new_session
from shop.main import app
from shop.tasks import send_chunk
from sink import Server, Sink
from sqlalchemy import create_engine, event

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
RATE_LIMIT = send_chunk.rate_limit
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
    """Keep every message in this process; a task reads some settings only once."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])
    send_chunk.rate_limit = None  # a worker would keep to it


@pytest.fixture(scope="session")
def worker() -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, queues=["celery", "mail"], perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """Start a mail server, and return its port."""
    with Server(("127.0.0.1", 0), Sink) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def sink(server: int, settings: Settings) -> type[Sink]:
    """Return an empty mailbox."""
    settings.mail_port = server
    Sink.connections = 0
    Sink.received.clear()
    Sink.seen.clear()
    return Sink


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings: the defaults, whatever this machine has set."""
    settings = get_settings()
    for name, field in Settings.model_fields.items():
        monkeypatch.setattr(settings, name, field.default)
    return settings


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr("celery.app.autoretry.get_exponential_backoff_interval", lambda **_: 0)


def do_not_sync(connection: sqlite3.Connection, _: object) -> None:
    """Have SQLite not wait for the disk: a test's database need not survive a power cut."""
    connection.execute("PRAGMA synchronous = OFF")


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[None]:
    """Give the test a database of its own."""
    test_engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    event.listen(test_engine, "connect", do_not_sync)
    Base.metadata.create_all(test_engine)
    new_session.configure(bind=test_engine)
    yield
    new_session.configure(bind=engine)
    test_engine.dispose()


@pytest.fixture(autouse=True)
def no_task_left(database: None) -> Iterator[None]:
    """Wait for the tasks that the test has sent, as long as they have its database."""
    sent: list[object] = []
    ended: list[object] = []

    def on_sent(**_: object) -> None:
        sent.append(None)

    def on_end(**_: object) -> None:
        ended.append(None)

    before_task_publish.connect(on_sent)
    task_postrun.connect(on_end)
    yield
    deadline = time.monotonic() + 5
    while len(ended) < len(sent) and time.monotonic() < deadline:
        time.sleep(0.01)
    before_task_publish.disconnect(on_sent)
    task_postrun.disconnect(on_end)


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests."""
    with TestClient(app) as client:
        yield client

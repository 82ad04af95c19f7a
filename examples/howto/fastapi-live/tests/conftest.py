"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
import socketserver
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Queue
from shutil import copy
from sqlite3 import Connection
from threading import Thread
from typing import Any

import pytest
from celery import Task
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from fastapi.testclient import TestClient
from shop import bell
from shop.celery_app import celery_app
from shop.config import Settings, get_settings
from shop.database import Base, engine, new_session
from shop.main import create_app
from sqlalchemy import create_engine, event

IN_MEMORY = {
    "broker_url": "memory://",
    "broker_transport_options": {"polling_interval": 0.01},
    "result_backend": "cache+memory://",
}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {},
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
    celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings: the defaults, whatever this machine has set."""
    for name, field in Settings.model_fields.items():
        monkeypatch.setattr(get_settings(), name, field.default)
    assert bell.WITHOUT_BELL == 1
    monkeypatch.setattr(bell, "WITHOUT_BELL", 0.01)
    return get_settings()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create the tables once. Each test gets a copy of the file, which is faster."""
    path = tmp_path_factory.mktemp("database") / "shop.db"
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    engine.dispose()
    return path


def reverse_what_has_no_order(connection: Connection, _: object) -> None:
    """Let SQLite turn around what a query does not sort, so that a test notices."""
    connection.execute("PRAGMA reverse_unordered_selects = ON")


@pytest.fixture(autouse=True)
def database(empty_database: Path, tmp_path: Path) -> Iterator[None]:
    """Give the test a database of its own."""
    test_engine = create_engine(f"sqlite:///{copy(empty_database, tmp_path)}")
    event.listen(test_engine, "connect", reverse_what_has_no_order)
    new_session.configure(bind=test_engine)
    yield
    new_session.configure(bind=engine)
    test_engine.dispose()


@pytest.fixture(scope="session")
def worker() -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests."""
    with TestClient(create_app()) as client:
        yield client


@pytest.fixture
def ended() -> Iterator[Callable[[Task], str]]:
    """Wait until a task of this kind ends, and return its id."""
    tasks: Queue[tuple[str, str]] = Queue()

    def record(sender: Task, task_id: str, **_: object) -> None:
        tasks.put((sender.name, task_id))

    def wait(task: Task) -> str:
        name, task_id = tasks.get(timeout=30)
        assert name == task.name
        return task_id

    task_postrun.connect(record)
    yield wait
    task_postrun.disconnect(record)


class Redis(socketserver.StreamRequestHandler):
    """A Redis that knows nothing but SUBSCRIBE and PUBLISH."""

    subscribers: list["Redis"]

    def handle(self) -> None:
        """Answer one client until it goes."""
        with suppress(ConnectionError):
            while line := self.rfile.readline():
                words = [self.word() for _ in range(int(line[1:]))]
                self.wfile.write(self.answer(*words))

    def word(self) -> bytes:
        """Read a word of a command."""
        length = int(self.rfile.readline()[1:])
        return self.rfile.read(length + 2)[:length]

    def answer(self, command: bytes, *words: bytes) -> bytes:
        """Do what a client asks."""
        if command == b"HELLO":
            return b"%1\r\n$5\r\nproto\r\n:3\r\n"
        if command == b"SUBSCRIBE":
            self.subscribers.append(self)
            return self.push(b"subscribe", words[0], None)
        if command == b"PUBLISH":
            for subscriber in self.subscribers:
                with suppress(OSError, ValueError):
                    subscriber.wfile.write(self.push(b"message", *words))
            return b":%d\r\n" % len(self.subscribers)
        return b"+OK\r\n"

    def push(self, kind: bytes, channel: bytes, data: bytes | None) -> bytes:
        """Return what a subscriber gets."""
        last = b":1\r\n" if data is None else b"$%d\r\n%s\r\n" % (len(data), data)
        head = b">3\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n"
        return head % (len(kind), kind, len(channel), channel) + last


class Server(socketserver.ThreadingTCPServer):
    """One thread for each client, which ends with the tests."""

    daemon_threads = True


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[type[Redis]]:
    """Start a small Redis, and hang the bell there."""
    Redis.subscribers = []
    with Server(("127.0.0.1", 0), Redis) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"redis://127.0.0.1:{server.server_address[1]}/0"
        monkeypatch.setattr(settings, "bell_url", url)
        yield Redis
        bell.client(url).close()
        bell.client.cache_clear()
        server.shutdown()

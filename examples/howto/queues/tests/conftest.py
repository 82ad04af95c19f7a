"""``pytest`` and ``pytest --lane worker`` do the same here: queues are about workers."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from queue import Queue
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from shop import tasks
from shop.celery_app import celery_app as shop_celery_app

IN_MEMORY = {
    "broker_url": "memory://",
    "result_backend": "cache+memory://",
    "broker_transport_options": {"polling_interval": 0.01},
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
Work = Callable[..., AbstractContextManager[None]]
names = count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks, where it makes a difference."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


def pytest_configure() -> None:
    """Keep every message in this process."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    shop_celery_app.conf.update(IN_MEMORY)


@pytest.fixture
def celery_app() -> Iterator[Celery]:
    """Return the app, and leave no message to the next test."""
    yield shop_celery_app
    with shop_celery_app.connection_for_write() as connection:
        for name in shop_celery_app.amqp.queues:
            connection.default_channel.queue_purge(name)


@pytest.fixture
def work(celery_app: Celery) -> Work:
    """Return what starts a worker that runs one task at a time."""

    @contextmanager
    def work(*queues: str) -> Iterator[None]:
        with start_worker(
            celery_app,
            pool="threads",
            concurrency=1,
            queues=queues,
            hostname=f"worker-{next(names)}@test",
            perform_ping_check=False,
        ) as worker:
            yield
            # Named, or every worker of the broker stops; without it, leaving takes four seconds.
            celery_app.control.shutdown(destination=[worker.hostname])

    return work


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the names of tasks as they end: ``finished.get(timeout=30)`` waits for one."""
    ended: Queue[str] = Queue()

    def record(task: object, args: tuple[int], **_: object) -> None:
        ended.put(f"{task.name.removeprefix('shop.tasks.')} {args[0]}")

    task_postrun.connect(record)
    yield ended
    task_postrun.disconnect(record)


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let a report wait for this event in place of two seconds."""
    event = threading.Event()
    monkeypatch.setattr(tasks, "time", SimpleNamespace(sleep=lambda _: event.wait(30)))
    yield event
    event.set()

"""Most tests need a worker, in both lanes; only the endpoint's tasks run in the call or wait."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from shop.celery_app import celery_app as shop_celery_app

IN_MEMORY = {
    "broker_url": "memory://",
    "broker_transport_options": {"polling_interval": 0.01},
    "result_backend": "cache+memory://",
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
Work = Callable[..., AbstractContextManager[None]]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks of an endpoint."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


def pytest_configure() -> None:
    """Keep every message in this process."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    shop_celery_app.conf.update(IN_MEMORY)


class Box:
    """The queue in memory, and an event for the tasks that wait."""

    def __init__(self) -> None:
        """Make the event."""
        self.go_on = Event()

    def __len__(self) -> int:
        """Return how many messages wait."""
        with shop_celery_app.connection_for_read() as connection:
            return connection.default_channel.queue_declare("celery").message_count

    def empty(self) -> list[dict[str, Any]]:
        """Take all messages out, as they are."""
        messages = []
        while len(self):
            with shop_celery_app.connection_for_read() as connection:
                messages.append(getattr(connection.default_channel, "_get")("celery"))  # noqa: B009 - it is private
        return messages


@pytest.fixture
def box() -> Iterator[Box]:
    """Return the queue; it is empty at the end."""
    box = Box()
    yield box
    box.go_on.set()
    box.empty()


@pytest.fixture
def celery_app() -> Celery:
    """Return the app."""
    return shop_celery_app


@pytest.fixture
def eager(celery_app: Celery, pytestconfig: pytest.Config) -> Iterator[bool]:
    """Let tasks run in the call in the eager lane."""
    celery_app.conf.task_always_eager = pytestconfig.getoption("--lane") == "eager"
    yield celery_app.conf.task_always_eager
    celery_app.conf.task_always_eager = False


@pytest.fixture
def work(celery_app: Celery) -> Work:
    """Return what starts a worker with two threads, one worker at a time."""

    @contextmanager
    def work(**options: object) -> Iterator[None]:
        with start_worker(
            celery_app, pool="threads", concurrency=2, perform_ping_check=False, **options
        ) as worker:
            yield
            # Named, or every worker of the broker stops; without it, leaving takes four seconds.
            celery_app.control.shutdown(destination=[worker.hostname])

    return work

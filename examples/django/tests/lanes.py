"""The two kinds of Celery that the tests run on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from celery.contrib.testing.worker import start_worker
from config import celery_app
from django.conf import settings
from django.core.management.utils import get_random_secret_key

IN_MEMORY = {
    "broker_url": "memory://",
    "result_backend": "cache+memory://",
    # A worker looks for messages every 10 ms, not every second.
    "broker_transport_options": {"polling_interval": 0.01},
}
LANES: dict[str, dict[str, Any]] = {
    # The task runs inside the call of delay().
    "eager": {
        "task_always_eager": True,
        "task_eager_propagates": True,
        "task_store_eager_result": True,
    },
    # A worker thread takes messages from a queue in memory.
    "worker": {"task_always_eager": False},
}
# Celery reads these itself, and they win over the settings.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def choose(lane: str) -> None:
    """Keep every message in this process, whatever the environment and the settings say."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.update(IN_MEMORY | LANES[lane])
    # Sessions need one.
    settings.SECRET_KEY = get_random_secret_key()


def chosen() -> str:
    """Return the name of the lane."""
    return "eager" if celery_app.conf.task_always_eager else "worker"


@contextmanager
def changed(app: Celery, **settings: object) -> Iterator[None]:
    """Change settings of Celery for a while."""
    before = {name: app.conf[name] for name in settings}
    app.conf.update(settings)
    try:
        yield
    finally:
        app.conf.update(before)


def empty_queue(app: Celery) -> None:
    """Drop the messages that earlier tests left.

    Raises RuntimeError if the queue is not in the memory of this process.
    """
    if app.conf.broker_write_url != "memory://":
        message = f"this would empty a real queue: {app.connection_for_write().as_uri()}"
        raise RuntimeError(message)
    app.control.purge()


@contextmanager
def worker_thread(app: Celery) -> Iterator[None]:
    """Run a worker in a thread. It starts with an empty queue."""
    empty_queue(app)
    # The check needs a task, celery.ping, that the shop does not have.
    with start_worker(app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        app.control.shutdown(destination=[worker.hostname])

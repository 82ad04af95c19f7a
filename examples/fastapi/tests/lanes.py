"""The two kinds of Celery that the tests run on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import Celery
from celery.contrib.testing.worker import start_worker

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    # The task runs inside the call of delay().
    "eager": {
        **IN_MEMORY,
        "task_always_eager": True,
        "task_eager_propagates": True,
        "task_store_eager_result": True,
    },
    # A worker thread takes messages from a queue in memory; it looks every 10 ms, not every second.
    "worker": {**IN_MEMORY, "broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def empty_queue(celery_app: Celery) -> None:
    """Drop the messages that earlier tests left.

    Raises RuntimeError if the queue is not in the memory of this process.
    """
    if celery_app.conf.broker_write_url != "memory://":
        message = f"this would empty a real queue: {celery_app.connection_for_write().as_uri()}"
        raise RuntimeError(message)
    celery_app.control.purge()


@contextmanager
def worker_thread(celery_app: Celery) -> Iterator[None]:
    """Run a worker in a thread. It starts with an empty queue."""
    empty_queue(celery_app)
    # The check needs a task, celery.ping, that the shop does not have.
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

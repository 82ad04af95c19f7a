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


@contextmanager
def worker_thread(celery_app: Celery) -> Iterator[None]:
    """Run a worker in a thread. It starts with an empty queue."""
    celery_app.control.purge()
    # The check would send a task, celery.ping, that the shop does not have.
    with start_worker(celery_app, perform_ping_check=False):
        yield
        # Without this, leaving takes four seconds.
        celery_app.control.shutdown()

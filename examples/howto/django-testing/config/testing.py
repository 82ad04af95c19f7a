"""Celery in tests: inside the call, or in a worker thread."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from celery.contrib.testing.worker import start_worker
from django.test.runner import DiscoverRunner, ParallelTestSuite

from config.celery import app

# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def set_up_celery() -> None:
    """Keep every message in this process, and run tasks inside the call."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    app.conf.update(
        broker_url="memory://",
        broker_transport_options={"polling_interval": 0.01},
        result_backend="cache+memory://",
        task_always_eager=True,
        task_eager_propagates=True,
    )


@contextmanager
def worker_thread() -> Iterator[None]:
    """Send messages, and let a worker thread take them."""
    app.conf.task_always_eager = False
    try:
        with start_worker(app, perform_ping_check=False) as worker:
            try:
                yield
            finally:
                # Named, or all workers of the broker stop. Without it, leaving takes 4 s.
                app.control.shutdown(destination=[worker.hostname])
    finally:
        app.conf.task_always_eager = True


class CelerySuite(ParallelTestSuite):
    """What ``--parallel`` runs; spawned processes do not inherit what is set."""

    process_setup = set_up_celery


class CeleryRunner(DiscoverRunner):
    """Django's test runner, with Celery set up for tests."""

    parallel_test_suite = CelerySuite

    def setup_test_environment(self, **kwargs: object) -> None:
        """Set up Django and Celery."""
        super().setup_test_environment(**kwargs)
        set_up_celery()

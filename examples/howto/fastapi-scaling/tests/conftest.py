"""Most tests need a worker, in both lanes; only the endpoints' tasks run in the call or in a worker."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from queue import Queue

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
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
    """Return what starts a worker with a pool of threads, one at a time."""

    @contextmanager
    def work(*queues: str, concurrency: int = 1) -> Iterator[None]:
        with start_worker(
            celery_app,
            pool="threads",
            concurrency=concurrency,
            queues=queues,
            perform_ping_check=False,
        ) as worker:
            yield
            # Named, or every worker of the broker stops; without it, leaving takes four seconds.
            celery_app.control.shutdown(destination=[worker.hostname])

    return work


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the names of tasks as they end: ``finished.get(timeout=30)`` waits for one."""
    names: Queue[str] = Queue()

    def record(task: object, **_: object) -> None:
        names.put(task.name.removeprefix("shop.tasks."))

    task_postrun.connect(record)
    yield names
    task_postrun.disconnect(record)

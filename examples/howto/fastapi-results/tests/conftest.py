"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from celery import Task
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from fastapi.testclient import TestClient
from shop.celery_app import celery_app
from shop.main import app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
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


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the name of the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture(scope="session", autouse=True)
def worker() -> Iterator[None]:
    """Start a worker thread, unless the tasks run in the call."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def client() -> TestClient:
    """Send requests."""
    return TestClient(app)


@pytest.fixture
def ended() -> Iterator[Callable[[Task], str]]:
    """Wait until a task of this kind ends, and return its id; others may end before it."""
    tasks: Queue[tuple[str, str]] = Queue()

    def record(sender: Task, task_id: str, **_: object) -> None:
        tasks.put((sender.name, task_id))

    def wait(task: Task) -> str:
        name = task_id = ""
        while name != task.name:
            name, task_id = tasks.get(timeout=30)
        return task_id

    task_postrun.connect(record)
    yield wait
    task_postrun.disconnect(record)

"""``pytest --lane worker`` runs the tasks in a worker thread."""

import os
from collections.abc import Iterator
from queue import Queue

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from fastapi.testclient import TestClient
from main import app, celery_app

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
LANES = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how tasks run; a task copies some settings when it is used first."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.update(LANES[config.getoption("--lane")])


@pytest.fixture
def client() -> Iterator[TestClient]:
    """Return a client, with a worker thread in the worker lane."""
    client = TestClient(app)
    if celery_app.conf.task_always_eager:
        yield client
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield client
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the ids of tasks as they end."""
    ids: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ids.put(task_id)

    task_postrun.connect(record)
    yield ids
    task_postrun.disconnect(record)

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.result import AsyncResult
from celery.signals import task_postrun
from config import celery_app
from django_celery_results.models import TaskResult

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
    """Keep every message in this process, before a task copies its settings; results are rows."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    celery_app.conf.update({"broker_url": "memory://"} | LANES[config.getoption("--lane")])


@pytest.fixture
def lane(pytestconfig: pytest.Config) -> str:
    """Return the name of the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Start a worker thread in the worker lane; it sees what the test commits."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def row_of(worker: None) -> Iterator[Callable[[AsyncResult], TaskResult | None]]:
    """Wait until a task has ended, and return its row, if there is one."""
    ended: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ended.put(task_id)

    def wait(result: AsyncResult) -> TaskResult | None:
        while ended.get(timeout=5) != result.id:
            pass
        return TaskResult.objects.filter(task_id=result.id).first()

    task_postrun.connect(record)
    yield wait
    task_postrun.disconnect(record)


@pytest.fixture
def not_extended() -> Iterator[None]:
    """Run a test with Celery's default for `result_extended`."""
    celery_app.conf.result_extended = False
    yield
    celery_app.conf.result_extended = True

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Iterator
from queue import Queue

import pytest
from celery import signals
from config.testing import set_up_celery, worker_thread


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


@pytest.fixture(autouse=True, scope="session")
def celery() -> None:
    """Do for pytest what the test runner does for ``manage.py test``."""
    set_up_celery()


@pytest.fixture
def worker(transactional_db: None) -> Iterator[None]:
    """Run the tasks of a test in a worker thread; it sees what the test commits."""
    with worker_thread():
        yield


@pytest.fixture
def lane(request: pytest.FixtureRequest, transactional_db: None) -> None:
    """Run the tasks of a test in the lane that the command names."""
    if request.config.getoption("--lane") == "worker":
        request.getfixturevalue("worker")


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Return a queue that gets the id of each task that has ended."""
    ids: Queue[str] = Queue()

    def put(task_id: str, **_: object) -> None:
        ids.put(task_id)

    signals.task_postrun.connect(put)
    yield ids
    signals.task_postrun.disconnect(put)

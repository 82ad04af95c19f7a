"""A Celery app; ``pytest --lane worker`` runs tasks in a worker thread."""

from collections.abc import Iterator

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker

# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager", help="how tasks run")


@pytest.fixture
def celery_app(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Return a Celery app, with a worker thread in the worker lane."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    celery_app = Celery("shop", broker="memory://", backend="cache+memory://")
    celery_app.set_default()
    if pytestconfig.getoption("--lane") == "eager":
        celery_app.conf.update(task_always_eager=True, task_store_eager_result=True)
        yield celery_app
        return
    celery_app.conf.broker_transport_options = {"polling_interval": 0.01}
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield celery_app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

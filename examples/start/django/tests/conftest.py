"""One shop per test; `pytest --lane worker` runs its tasks on a worker thread."""

from collections.abc import Iterator

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app
from django.test import Client
from pytest_django import Settings

LANES = {
    "eager": {"task_always_eager": True},
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


@pytest.fixture(autouse=True, scope="session")
def celery_app(pytestconfig: pytest.Config) -> Iterator[Celery]:
    """Keep every message in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OVERRIDING_VARIABLES:
            patch.delenv(name, raising=False)
        lane = LANES[pytestconfig.getoption("--lane")]
        shop_celery_app.conf.update({"broker_url": "memory://"} | lane)
        yield shop_celery_app


@pytest.fixture
def client(
    client: Client, celery_app: Celery, transactional_db: None, settings: Settings
) -> Iterator[Client]:
    """Send requests to a shop that really commits, and whose mail server answers at once."""
    settings.MAIL_SECONDS = 0
    if celery_app.conf.task_always_eager:
        yield client
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield client
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

"""The tests bring the variables that the settings need; what the shell and .env say does not matter."""

import os
from collections.abc import Iterator

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_SECRET_KEY": "for-tests-only",
    "DJANGO_DEBUG": "",
    "CELERY_BROKER_URL": "memory://",
    "CELERY_RESULT_BACKEND": "cache+memory://",
}
LANES = {
    "eager": {"task_always_eager": True, "task_eager_propagates": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure() -> None:
    """Set the variables before pytest-django loads the settings."""
    os.environ.update(ENVIRONMENT)


@pytest.fixture(autouse=True, scope="session")
def celery_app(pytestconfig: pytest.Config) -> Celery:
    """Configure the lane."""
    shop_celery_app.conf.update(LANES[pytestconfig.getoption("--lane")])
    return shop_celery_app


@pytest.fixture
def worker(celery_app: Celery) -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

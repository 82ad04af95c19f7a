"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``. None needs a service."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app
from django.test import Client

# In place of what the shell and .env say.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DJANGO_SECRET_KEY": "for-tests-only",
    "DJANGO_DEBUG": "",
    "CELERY_BROKER_URL": "memory://",
    "CELERY_RESULT_BACKEND": "cache+memory://",
    # A worker looks for messages every 10 ms, not every second.
    "CELERY_BROKER_TRANSPORT_OPTIONS": '{"polling_interval": 0.01}',
}
LANES: dict[str, dict[str, Any]] = {
    # The task runs inside the call of apply_async().
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    # A worker thread takes messages from a queue in memory.
    "worker": {},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


def pytest_configure(config: pytest.Config) -> None:
    """Set the variables before anybody reads the settings, and forget all others."""
    for name in [name for name in os.environ if name.startswith(("CELERY_", "DJANGO_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    # Now: a task reads some of them when its module is imported.
    shop_celery_app.conf.update(LANES[config.getoption("--lane")])


@pytest.fixture
def celery_app() -> Celery:
    """Return the Celery app of the shop."""
    return shop_celery_app


# Transactional: what waits for a commit is sent.
@pytest.fixture
def client(transactional_db: None, celery_app: Celery) -> Iterator[Client]:
    """Return a client, with a worker at work; in the eager lane it needs none."""
    if celery_app.conf.task_always_eager:
        yield Client()
        return
    # The check needs a task, celery.ping, that the shop does not have.
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield Client()
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

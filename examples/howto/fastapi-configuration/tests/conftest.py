"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from shop import config

ENVIRONMENT = {"SHOP_BROKER_URL": "memory://", "SHOP_RESULT_BACKEND": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Take the settings of this file before the shop is imported."""
    bring_settings()
    from shop.celery_app import celery_app

    celery_app.conf.update(LANES[config.getoption("--lane")])


def bring_settings() -> None:
    """Forget the variables of this machine and its .env file."""
    for name in list(os.environ):
        if name.startswith(("SHOP_", "CELERY_", "CREDENTIALS_DIRECTORY")):
            del os.environ[name]
    os.environ |= ENVIRONMENT
    config.ENV_FILE = None


@pytest.fixture
def celery_app() -> Celery:
    """Return the app."""
    from shop.celery_app import celery_app

    return celery_app


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

"""Every test runs in two lanes: ``pytest`` and ``pytest --lane worker``. None needs a service."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop import config as shop_config

# In place of what the shell and .env say.
ENVIRONMENT = {"SHOP_BROKER_URL": "memory://", "SHOP_RESULT_BACKEND": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    # The task runs inside the call of delay().
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    # A worker thread takes messages from a queue in memory; it looks every 10 ms, not every second.
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


def pytest_configure(config: pytest.Config) -> None:
    """Bring the settings before the shop is imported, and forget all others."""
    for name in [name for name in os.environ if name.startswith(("CELERY_", "SHOP_"))]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
    shop_config.ENV_FILE = None

    from shop.celery_app import celery_app

    celery_app.conf.update(LANES[config.getoption("--lane")])


@pytest.fixture
def celery_app() -> Celery:
    """Return the Celery app of the shop."""
    from shop.celery_app import celery_app

    return celery_app


@pytest.fixture
def client(celery_app: Celery) -> Iterator[TestClient]:
    """Return a client, with a worker at work; in the eager lane it needs none."""
    from shop.main import app

    with TestClient(app, raise_server_exceptions=False) as client:
        if celery_app.conf.task_always_eager:
            yield client
            return
        # The check needs a task, celery.ping, that the shop does not have.
        with start_worker(celery_app, perform_ping_check=False) as worker:
            yield client
            # Named, or every worker of the broker stops; without it, leaving takes four seconds.
            celery_app.control.shutdown(destination=[worker.hostname])

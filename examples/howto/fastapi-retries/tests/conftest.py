"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import bank
import httpx2
import pytest
from celery import Celery, Signature, Task
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop import payments
from shop.celery_app import celery_app as shop_celery_app
from shop.main import app
from shop.payments import new_client

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
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture(scope="session")
def celery_app() -> Celery:
    """Return the app."""
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


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests to the shop."""
    with TestClient(app) as client:
        yield client


@pytest.fixture
def real_client() -> Callable[[], httpx2.Client]:
    """Return what the tests replace."""
    return new_client


@pytest.fixture(autouse=True)
def bank_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop speak with the bank without a network."""
    monkeypatch.setattr(payments, "new_client", lambda: TestClient(bank.app))
    for seen in (bank.charged, bank.keys, bank.trouble):
        seen.clear()


@pytest.fixture
def waits(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the seconds until each retry, and wait for none."""
    asked: list[float] = []
    original = Task.signature_from_request

    def sign(*args: object, **options: object) -> Signature:
        asked.append(options.pop("countdown"))
        return original(*args, **options)

    monkeypatch.setattr(Task, "signature_from_request", sign)
    return asked

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import hashlib
import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop import rates
from shop.celery_app import celery_app as shop_celery_app
from shop.database import Base, engine, new_session
from shop.main import app
from shop.models import Clerk, Order
from sqlalchemy import Engine, create_engine

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
    lane = {"task_ignore_result": False} | LANES[config.getoption("--lane")]
    shop_celery_app.conf.update(IN_MEMORY | lane)


@pytest.fixture(scope="session")
def celery_app() -> Celery:
    """Return the app."""
    return shop_celery_app


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[Engine]:
    """Give requests and tasks a database of this test's own."""
    test_engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    new_session.configure(bind=test_engine)
    Base.metadata.create_all(test_engine)
    with new_session.begin() as session:
        session.add(Clerk(id=7, token_hash=hashlib.sha256(b"key").hexdigest()))
        session.add(Order(id=1, currency="usd", total_cents=1000))
        session.add(Order(id=2, currency="chf", total_cents=55))
    yield test_engine
    new_session.configure(bind=engine)
    test_engine.dispose()


@pytest.fixture(autouse=True)
def bank(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Answer for the bank, to requests and tasks, and return the paths that were asked for."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        status = 503 if request.url.path == "/closed" else 200
        return httpx2.Response(status, json=0.9)

    client = partial(httpx2.Client, transport=httpx2.MockTransport(answer))
    monkeypatch.setattr(rates, "new_client", client)
    return asked


@pytest.fixture(scope="session")
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
    """Send requests as a clerk."""
    with TestClient(app, headers={"Authorization": "Bearer key"}) as client:
        yield client

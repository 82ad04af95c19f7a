"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.result import AsyncResult
from fastapi.testclient import TestClient
from shop import risks
from shop.celery_app import celery_app as shop_celery_app
from shop.database import Base, engine, new_session
from shop.main import app
from shop.models import Order
from shop.tasks import send_receipt
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
    yield test_engine
    new_session.configure(bind=engine)
    test_engine.dispose()


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
    """Send requests."""
    with TestClient(app) as client:
        yield client


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service answer at once."""
    monkeypatch.setattr(risks, "ask", len)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Collect what is sent, order and task id, instead of sending it."""
    calls: list[tuple[int, str]] = []

    def record(args: tuple[int], _kwargs: object, *, task_id: str = "", **_: object) -> None:
        calls.append((args[0], task_id))

    monkeypatch.setattr(send_receipt, "apply_async", record)
    return calls


@pytest.fixture
def order_id() -> int:
    """Save an order and return its id."""
    with new_session.begin() as session:
        session.add(Order(id=1, email="ada@example.org"))
    return 1


@pytest.fixture
def outcome(celery_app: Celery) -> Callable[[str], object]:
    """Return what waits for a task to end, and returns what the task returned."""
    return lambda task_id: AsyncResult(task_id, app=celery_app).get(timeout=5, interval=0.01)

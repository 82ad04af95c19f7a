"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from shop import partners
from shop.celery_app import celery_app as shop_celery_app
from shop.database import engine, new_session
from shop.models import Base, Customer, Order
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
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture(scope="session")
def celery_app() -> Celery:
    """Return the app."""
    return shop_celery_app


@pytest.fixture(autouse=True)
def database(tmp_path: Path) -> Iterator[Engine]:
    """Make a database of this test's own, with a customer who has ordered."""
    test_engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    new_session.configure(bind=test_engine)
    Base.metadata.create_all(test_engine)
    with new_session.begin() as session:
        session.add(Customer(id=1))
        session.add(Order(id=1, customer_id=1, total_cents=1900))
    yield test_engine
    new_session.configure(bind=engine)
    test_engine.dispose()


@pytest.fixture
def run(celery_app: Celery) -> Iterator[Callable[[Task], object]]:
    """Return what runs a task for order 1 and returns its result; in the worker lane, a worker does."""

    def wait(task: Task) -> object:
        return task.delay(1).get(timeout=5, interval=0.01)

    if celery_app.conf.task_always_eager:
        yield wait
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield wait
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the partners answer at once, and forget what they have charged."""
    monkeypatch.setattr(partners, "SECONDS", 0)
    partners.receipts.clear()


@pytest.fixture
def overtake(monkeypatch: pytest.MonkeyPatch) -> Callable[[Task], None]:
    """Return what lets a second run of a task overtake the first, while that asks a partner."""

    def arrange(task: Task) -> None:
        ask = partners.points_for

        def ask_slowly(cents: int) -> int:
            monkeypatch.setattr(partners, "points_for", ask)
            task(1)
            return ask(cents)

        monkeypatch.setattr(partners, "points_for", ask_slowly)

    return arrange

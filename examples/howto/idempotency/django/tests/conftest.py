"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app
from shop import partners
from shop.models import Customer, Order

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


@pytest.fixture(autouse=True, scope="session")
def celery_app(pytestconfig: pytest.Config) -> Iterator[Celery]:
    """Keep every message in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OVERRIDING_VARIABLES:
            patch.delenv(name, raising=False)
        shop_celery_app.conf.update(IN_MEMORY | LANES[pytestconfig.getoption("--lane")])
        yield shop_celery_app


@pytest.fixture
def order(transactional_db: None) -> Order:
    """Save an order."""
    return Order.objects.create(customer=Customer.objects.create(), total_cents=1900)


@pytest.fixture
def run(celery_app: Celery, order: Order) -> Iterator[Callable[[Task], object]]:
    """Return what runs a task for the order and returns its result; in the worker lane, a worker does."""

    def wait(task: Task) -> object:
        return task.delay(order.pk).get(timeout=5, interval=0.01)

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
def overtake(monkeypatch: pytest.MonkeyPatch, order: Order) -> Callable[[Task], None]:
    """Return what lets a second run of a task overtake the first, while that asks a partner."""

    def arrange(task: Task) -> None:
        ask = partners.points_for

        def ask_slowly(cents: int) -> int:
            monkeypatch.setattr(partners, "points_for", ask)
            task(order.pk)
            return ask(cents)

        monkeypatch.setattr(partners, "points_for", ask_slowly)

    return arrange

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Task
from celery.contrib.testing.worker import start_worker
from flask import Flask
from shop import create_app, partners
from shop.models import db

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


@pytest.fixture
def app(
    pytestconfig: pytest.Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """Build the application on a database of its own, with a customer who has ordered twice."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    app = create_app(
        {
            "CELERY": IN_MEMORY | LANES[pytestconfig.getoption("--lane")],
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
        }
    )
    app.test_cli_runner().invoke(args="init-db", catch_exceptions=False)
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def run(app: Flask) -> Iterator[Callable[[Task], object]]:
    """Return what runs a task for order 1 and returns its result; in the worker lane, a worker does."""

    def wait(task: Task) -> object:
        return task.delay(1).get(timeout=5, interval=0.01)

    celery_app = app.extensions["celery"]
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

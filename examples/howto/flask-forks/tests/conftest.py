"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_process_init
from flask import Flask
from shop import create_app
from shop.database import db

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
    """Build the application on a database of its own."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    # The handlers of this application go away with it.
    monkeypatch.setattr(worker_process_init, "receivers", [])
    app = create_app(
        {
            "CELERY": IN_MEMORY | LANES[pytestconfig.getoption("--lane")],
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path / 'shop.db'}",
            "SQLALCHEMY_BINDS": {"reports": f"sqlite:///{tmp_path / 'reports.db'}"},
        }
    )
    with app.app_context():
        engines = db.engines.values()
    # A worker thread runs the handler in this process; then a pool is left behind.
    before = [engine.pool for engine in engines]
    yield app
    for pool in (*before, *(engine.pool for engine in engines)):
        pool.dispose()


@pytest.fixture
def working_app(app: Flask) -> Iterator[Flask]:
    """Return the application, with a worker at work in the worker lane."""
    celery_app = app.extensions["celery"]
    if celery_app.conf.task_always_eager:
        yield app
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

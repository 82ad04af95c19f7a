"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from pydantic import SecretStr
from shop.celery_app import celery_app as shop_celery_app
from shop.config import Settings, get_settings
from shop.database import Base, new_session
from shop.main import create_app
from sqlalchemy import StaticPool, create_engine

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
KEYS = {"ada": "Aa" * 16, "bob": "Bb" * 16}
ADA, BOB = ({"Authorization": f"Bearer {key}"} for key in KEYS.values())


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Keep every message in this process; a task copies some settings when it is used first."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture
def celery_app() -> Iterator[Celery]:
    """Return the app, and leave no message to the next test."""
    yield shop_celery_app
    shop_celery_app.control.purge()


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
def settings(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Return the settings: two users, and the defaults, whatever this machine has set."""
    settings = get_settings()
    for name, field in Settings.model_fields.items():
        monkeypatch.setattr(settings, name, field.default)
    monkeypatch.setattr(settings, "api_keys", {user: SecretStr(key) for user, key in KEYS.items()})
    return settings


@pytest.fixture
def database() -> Iterator[None]:
    """Keep the tables in memory, one connection for all threads."""
    engine = create_engine(
        "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
    )
    Base.metadata.create_all(engine)
    before = new_session.kw["bind"]
    new_session.configure(bind=engine)
    yield
    new_session.configure(bind=before)
    engine.dispose()


@pytest.fixture
def client(settings: Settings, database: None, celery_app: Celery) -> Iterator[TestClient]:
    """Send requests. What they send waits in the queue, unless the test asks for a worker."""
    with TestClient(create_app(settings)) as client:
        yield client

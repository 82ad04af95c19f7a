"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from clock import Clock
from fakes import FakeRedis
from redbeat import RedBeatScheduler
from shop.celery_app import celery_app as shop_celery_app
from shop.database import engine, new_session
from shop.models import Base
from sqlalchemy import create_engine

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
def database(tmp_path: Path) -> Iterator[None]:
    """Make a database of this test's own."""
    test_engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    new_session.configure(bind=test_engine)
    Base.metadata.create_all(test_engine)
    yield
    new_session.configure(bind=engine)
    test_engine.dispose()


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
def clock(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock into the place of the real one, and note what is sent."""
    return Clock(celery_app, monkeypatch)


@pytest.fixture
def redis(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> FakeRedis:
    """Keep the schedules of RedBeat in this process."""
    fake = FakeRedis()
    monkeypatch.setattr(celery_app, "redbeat_redis", fake, raising=False)
    return fake


@pytest.fixture
def start_redbeat(
    celery_app: Celery, clock: Clock, redis: FakeRedis, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], object]:
    """Return what starts a RedBeat that needs no lock, and is as lazy as it is by default."""
    monkeypatch.setitem(celery_app.conf, "beat_schedule", {})

    def start() -> RedBeatScheduler:
        beat = RedBeatScheduler(celery_app, max_interval=300)
        beat.lock_key = None
        return beat

    return start

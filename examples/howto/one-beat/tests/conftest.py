"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.beat import PersistentScheduler, Scheduler
from celery.contrib.testing.worker import start_worker
from clock import Clock, StartBeat
from fakes import FakePostgresql
from shelves import Shelves
from shop import one_beat
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
def configure(celery_app: Celery) -> Iterator[Callable[..., None]]:
    """Return what changes settings until the end of the test."""
    before = dict(celery_app.conf)
    changed: set[str] = set()

    def change(**settings: object) -> None:
        changed.update(settings)
        celery_app.conf.update(settings)

    yield change
    celery_app.conf.update({name: before[name] for name in changed})


@pytest.fixture
def every(configure: Callable[..., None]) -> Callable[[object], None]:
    """Return what gives the report a schedule."""

    def schedule(when: object) -> None:
        entry = {"task": "shop.tasks.make_report", "schedule": when}
        configure(beat_schedule={"report": entry}, result_expires=None)

    return schedule


@pytest.fixture
def clock(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Put a clock into the place of the real one."""
    return Clock(celery_app, monkeypatch)


@pytest.fixture
def start_beat(celery_app: Celery, tmp_path: Path, clock: Clock) -> Iterator[StartBeat]:
    """Return what starts a beat, with a file of a given name."""
    beats: list[Scheduler] = []

    class InFiles(PersistentScheduler):
        persistence = Shelves(tmp_path)

    def start(file: str = "celerybeat-schedule", scheduler: type[Scheduler] = InFiles) -> Scheduler:
        beats.append(scheduler(celery_app, schedule_filename=file))
        return beats[-1]

    yield start
    for beat in beats:
        beat.__dict__.pop("producer", None)


@pytest.fixture
def postgresql(monkeypatch: pytest.MonkeyPatch) -> FakePostgresql:
    """Keep locks and runs in this process."""
    fake = FakePostgresql()
    monkeypatch.setattr(one_beat.psycopg, "connect", fake.connect)
    return fake

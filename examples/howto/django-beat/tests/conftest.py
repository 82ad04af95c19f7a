"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Callable, Iterator
from datetime import time
from importlib import import_module
from typing import Any, Protocol

import pytest
from celery import Celery
from celery.beat import Scheduler
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler
from shop.schedules import crontab_at
from tests.clock import Clock

IN_MEMORY = {
    "broker_url": "memory://",
    "result_backend": "cache+memory://",
    "result_expires": None,  # so that beat does not clean up results
}
LANES: dict[str, dict[str, Any]] = {
    "eager": {
        "task_always_eager": True,
        "task_eager_propagates": True,
    },
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
        shop_celery_app.loader.import_default_modules()
        yield shop_celery_app


@pytest.fixture
def worker(celery_app: Celery, transactional_db: None) -> Iterator[None]:
    """Start a worker thread in the worker lane; it sees what the test commits."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


class StartBeat(Protocol):
    """A function that starts a beat."""

    def __call__(
        self, kind: type[Scheduler] = DatabaseScheduler, *, max_interval: float | None = 7200
    ) -> Scheduler:
        """Start it; without an interval, it looks at its schedules as often as it does by itself."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Take the time into our own hands."""
    return Clock(monkeypatch)


@pytest.fixture
def nightly_report(db: None) -> PeriodicTask:
    """Schedule what the migration schedules."""
    migration = import_module("shop.migrations.0002_nightly_report")
    migration.create_schedule(apps, None)
    return PeriodicTask.objects.get()


@pytest.fixture
def start_beat(celery_app: Celery, clock: Clock, db: None) -> StartBeat:
    """Return a function that starts a beat. The clock shows nine."""

    def start(
        kind: type[Scheduler] = DatabaseScheduler, *, max_interval: float | None = 7200
    ) -> Scheduler:
        return kind(app=celery_app, max_interval=max_interval)

    return start


@pytest.fixture
def every_minute(db: None) -> IntervalSchedule:
    """Put an interval into the table."""
    return IntervalSchedule.objects.create(every=1, period=IntervalSchedule.MINUTES)


@pytest.fixture
def every_hour(db: None) -> IntervalSchedule:
    """Put an interval into the table."""
    return IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)


@pytest.fixture
def ten(db: None) -> CrontabSchedule:
    """Put ten o'clock into the table."""
    return crontab_at(time(10), "UTC")


@pytest.fixture
def eleven(db: None) -> CrontabSchedule:
    """Put eleven o'clock into the table."""
    return crontab_at(time(11), "UTC")


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    """Log in without a password, as hashing one takes long."""
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def configure(celery_app: Celery) -> Iterator[Callable[..., None]]:
    """Return a function that changes Celery's settings until the end of the test."""
    before: dict[str, Any] = {}

    def change(**settings: object) -> None:
        for name in settings:
            before.setdefault(name, celery_app.conf[name])
        celery_app.conf.update(settings)
        vars(celery_app).pop("timezone", None)  # it remembers the setting

    yield change
    change(**before)

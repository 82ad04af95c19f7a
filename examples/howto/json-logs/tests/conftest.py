"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import django
import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from shop import ids, logs
from shop.celery_app import celery_app as shop_celery_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
Line = dict[str, Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Keep every message in this process, and set up Django."""
    for name in OVERRIDING_VARIABLES:
        os.environ.pop(name, None)
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.django_settings"
    os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
    django.setup()


@pytest.fixture
def celery_app() -> Iterator[Celery]:
    """Return the app, and leave no message to the next test."""
    yield shop_celery_app
    shop_celery_app.control.purge()


@pytest.fixture(autouse=True)
def no_request() -> Iterator[None]:
    """Begin and end outside of every request."""
    assert ids.request_id.get() == ids.NONE
    yield
    assert ids.request_id.get() == ids.NONE


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Line]]]:
    """Return what reads the lines that have been logged."""
    stream = StringIO()
    monkeypatch.setitem(logs.LOGGING["handlers"]["stderr"], "stream", stream)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    logs.configure()
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before[0]
    root.setLevel(before[1])


@pytest.fixture
def wait_for(lines: Callable[[], list[Line]]) -> Callable[[str], Line]:
    """Return what waits for a line with a message."""

    def wait(message: str) -> Line:
        deadline = time.monotonic() + 20
        while not (found := [line for line in lines() if message in line["message"]]):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return found[-1]

    return wait


@pytest.fixture
def worker(celery_app: Celery, lines: Callable[[], list[Line]]) -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if celery_app.conf.task_always_eager:
        yield
        return
    with start_worker(celery_app, perform_ping_check=False, loglevel="INFO") as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from config import celery_app as shop_celery_app
from shop import mail
from shop.tasks import send_receipt

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True, "task_eager_propagates": True},
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


@pytest.fixture(scope="session")
def lane(pytestconfig: pytest.Config) -> str:
    """Return the lane."""
    return pytestconfig.getoption("--lane")


@pytest.fixture(autouse=True, scope="session")
def celery_app(lane: str) -> Iterator[Celery]:
    """Keep every message in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OVERRIDING_VARIABLES:
            patch.delenv(name, raising=False)
        shop_celery_app.conf.update(IN_MEMORY | LANES[lane])
        yield shop_celery_app


@pytest.fixture
def worker(celery_app: Celery, lane: str, transactional_db: None) -> Iterator[None]:
    """Start a worker thread in the worker lane."""
    if lane == "eager":
        yield
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> "SimpleQueue[str]":
    """Collect what would be sent, from any thread."""
    mails: SimpleQueue[str] = SimpleQueue()
    monkeypatch.setattr(mail, "send", lambda email, _text: mails.put(email))
    return mails


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect which orders are sent."""
    sent: list[int] = []

    def note(args: tuple[int], *_: object, **__: object) -> None:
        sent.append(args[0])

    monkeypatch.setattr(send_receipt, "apply_async", note)
    return sent

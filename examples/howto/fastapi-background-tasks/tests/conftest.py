"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop.celery_app import celery_app as shop_celery_app
from shop.config import get_settings
from shop.main import app

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


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait, for 30 seconds at most."""
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Printer:
    """The folder in which labels are printed."""

    def __init__(self, folder: Path) -> None:
        """Begin without labels, and without paper."""
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def give_paper(self, *orders: int) -> None:
        """Let labels be printed."""
        for order in orders:
            (self.folder / f"{order}.paper").touch()

    def begun(self, order: int) -> list[int]:
        """Return the ids of the processes that have begun a label, as often as they have."""
        file = self.folder / f"{order}.begun"
        return [int(line) for line in file.read_text().splitlines()] if file.exists() else []

    def wait_for(self, order: int, *, times: int = 1) -> int:
        """Wait until a label is begun, and return the id of the process."""
        wait_until(lambda: len(self.begun(order)) == times)
        return self.begun(order)[-1]

    def printed(self, order: int) -> bool:
        """Tell whether there is a label."""
        file = self.folder / f"{order}.label"
        return file.exists() and file.read_text() == f"order {order}"

    def wait_for_label(self, order: int) -> None:
        """Wait until a label is printed."""
        wait_until(lambda: self.printed(order))


@pytest.fixture
def printer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Printer:
    """Return a printer for one test."""
    monkeypatch.setattr(get_settings(), "label_folder", tmp_path / "labels")
    return Printer(tmp_path / "labels")


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests. Errors stay in the server, as they do in production."""
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client

"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker with processes of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import signals
from celery.exceptions import TimeoutError as NoAnswerError
from celery.result import AsyncResult
from shop.celery_app import celery_app
from shop.tasks import count_orders

PROJECT = Path(__file__).parent.parent
WORKER = [sys.executable, "-m", "celery", "-A", "shop.celery_app", "worker"]
OPTIONS = ["--concurrency", "2", "--without-mingle", "--without-gossip"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Set Celery up before a test module uses a task."""
    celery_app.conf.task_always_eager = config.getoption("--lane") == "eager"


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Return a folder for the broker, the results and the database."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["SHOP_DATABASE"] = f"{place}/shop.db"
        os.environ["SHOP_RUNS"] = f"{place}/runs"
        yield Path(place)


@pytest.fixture(scope="session")
def first(folder: Path) -> Iterator[AsyncResult | None]:
    """Start a worker, and return the result of a first task; nothing in the eager lane."""
    if celery_app.conf.task_always_eager:
        yield None
        return
    for name in ("sent", "queue", "control", "results"):
        (folder / name).mkdir()
    options = {
        "data_folder_in": f"{folder}/queue",
        "data_folder_out": f"{folder}/queue",
        "control_folder": f"{folder}/control",
        "polling_interval": 0.05,
    }
    celery_app.conf.update(
        broker_url="filesystem://",
        broker_transport_options=options | {"data_folder_out": f"{folder}/sent"},
        result_backend=f"file://{folder}/results",
    )

    @signals.after_task_publish.connect(weak=False)
    def deliver(**_: object) -> None:
        """Hand messages over when they are complete: a worker would end at one that is half written."""
        for message in (folder / "sent").iterdir():
            message.rename(folder / "queue" / message.name)

    environment = {
        "PYTHONPATH": str(PROJECT),
        "SHOP_BROKER_URL": "filesystem://",
        "SHOP_BROKER_TRANSPORT_OPTIONS": json.dumps(options),
        "SHOP_RESULT_BACKEND": f"file://{folder}/results",
    }
    worker = subprocess.Popen(
        [*WORKER, *OPTIONS], cwd=folder, env=os.environ | environment, start_new_session=True
    )
    yield count_orders.delay()
    # With its children; this transport takes six seconds to end by itself.
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    signals.after_task_publish.disconnect(deliver)


@pytest.fixture(autouse=True)
def _worker(first: AsyncResult | None) -> None:
    """Wait for the worker, in each test a little, so that no single test waits long."""
    if first:
        with suppress(NoAnswerError):
            first.get(timeout=2.5, interval=0.02)

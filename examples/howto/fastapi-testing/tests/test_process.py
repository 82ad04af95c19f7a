"""What only a worker in a process of its own shows."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from celery import Celery
from celery.exceptions import NotRegistered
from celery.exceptions import TimeoutError as NoAnswerError
from celery.result import AsyncResult
from forgotten import clean_up
from places import where
from shop.celery_app import celery_app
from shop.config import get_settings

TESTS = Path(__file__).parent
WORKER = [sys.executable, "-m", "celery", "-A", "shop.celery_app", "worker"]
OPTIONS = ["--include", "places", "--concurrency", "1", "--without-mingle", "--without-gossip"]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, AsyncResult]]:
    """Send two tasks by their names, and start a worker that has them; one lane is enough."""
    if celery_app.conf.task_always_eager:
        pytest.skip("it is the same in both lanes")
    folder = tmp_path_factory.mktemp("broker")
    for name in ("queue", "control", "results"):
        (folder / name).mkdir()
    transport = {
        "data_folder_in": f"{folder}/queue",
        "data_folder_out": f"{folder}/queue",
        "control_folder": f"{folder}/control",
        "polling_interval": 0.05,
    }
    environment = {
        "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
        "SHOP_BROKER_URL": "filesystem://",
        "SHOP_BROKER_TRANSPORT_OPTIONS": json.dumps(transport),
        "SHOP_RESULT_BACKEND": f"file://{folder}/results",
    }
    sender = Celery(
        broker="filesystem://", backend=f"file://{folder}/results", set_as_current=False
    )
    sender.conf.broker_transport_options = transport
    # Before the worker starts, as it could read a file that is not written to its end.
    results = {task.name: sender.send_task(task.name) for task in (clean_up, where)}
    worker = subprocess.Popen(
        [*WORKER, *OPTIONS], cwd=folder, env=os.environ | environment, start_new_session=True
    )
    yield results
    # With its children; this transport takes six seconds to end by itself.
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


@pytest.fixture(scope="module", autouse=True)
def _up(results: dict[str, AsyncResult]) -> None:
    """Wait a little here, so that no single test waits long."""
    with suppress(NoAnswerError):
        results[where.name].get(timeout=2.5, interval=0.05)


def test_a_process_does_not_know_a_forgotten_task(results: dict[str, AsyncResult]) -> None:
    with pytest.raises(NotRegistered, match=clean_up.name):
        results[clean_up.name].get(timeout=60, interval=0.05)


def test_a_process_has_its_own_settings(
    results: dict[str, AsyncResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "sender", "test@example.org")
    process_id, sender = results[where.name].get(timeout=60, interval=0.05)
    assert process_id != os.getpid()
    assert sender == "shop@example.org"

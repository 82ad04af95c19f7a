"""`pytest` runs the tasks in the call, `pytest --lane worker` on a worker thread; neither needs Redis."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shop
from celery.contrib.testing.worker import start_worker

LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


class Broker:
    """Redis with empty queues, which keeps nothing."""

    def __init__(self) -> None:
        """Begin with an empty queue."""
        self.deleted: set[str] = set()
        self.queue = [0]  # lengths that it answers, one after the other; the last one stays
        self.unacked = 0

    def delete(self, *keys: str) -> None:
        self.deleted.update(keys)

    def llen(self, key: str) -> int:
        assert key == "celery"
        return self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]

    def hlen(self, key: str) -> int:
        assert key == "unacked"
        return self.unacked


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Run one of the programs."""
    monkeypatch.setattr(sys, "argv", list(words))
    runpy.run_path(str(Path(shop.__file__).with_name(words[0])), run_name="__main__")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Configure Celery before any test uses a task."""
    shop.app.conf.update({"broker_url": "memory://"} | LANES[config.getoption("--lane")])


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Stand in for Redis."""
    broker = Broker()
    for module in ("count", "kill", "send", "shop"):
        monkeypatch.setattr(f"{module}.broker", broker)
    return broker


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broker: Broker) -> Iterator[None]:
    """Run the tasks, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    if shop.app.conf.task_always_eager:
        yield
        return
    with start_worker(shop.app, perform_ping_check=False) as worker:
        yield
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        shop.app.control.shutdown(destination=[worker.hostname])

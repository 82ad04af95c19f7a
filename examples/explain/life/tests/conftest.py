"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from shop import slow
from shop.celery_app import celery_app

EAGER = {"task_always_eager": True, "task_eager_propagates": True}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Keep messages and results in memory."""
    for app in (celery_app, slow.celery_app):
        app.conf.update(broker_url="memory://", result_backend="cache+memory://")
        app.conf.broker_transport_options = {"polling_interval": 0.01}
        if config.getoption("--lane") == "eager":
            app.conf.update(EAGER)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a folder, with paper in the printer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(slow, "LOG", tmp_path / "log")
    (tmp_path / "paper").touch()
    return tmp_path


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[Celery]:
    """Start a worker thread for the app that a test names, and return the app."""
    app = {"shop": celery_app, "slow": slow.celery_app}[request.param]
    if app.conf.task_always_eager:
        yield app
        return
    with start_worker(app, perform_ping_check=False) as worker:
        yield app
        app.control.shutdown(destination=[worker.hostname])

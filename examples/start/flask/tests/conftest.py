"""One shop per test; `pytest --lane worker` runs its tasks on a worker thread."""

from collections.abc import Iterator

import pytest
from celery.contrib.testing.worker import start_worker
from flask import Flask
from flask.testing import FlaskClient
from shop import create_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES = {
    "eager": {"task_always_eager": True, "task_store_eager_result": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


@pytest.fixture
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """Give each test a shop with a mail server that answers at once."""
    lane = request.config.getoption("--lane")
    app = create_app({"CELERY": IN_MEMORY | LANES[lane], "MAIL_SECONDS": 0})
    if lane == "eager":
        yield app
        return
    celery_app = app.extensions["celery"]
    with start_worker(celery_app, perform_ping_check=False):
        yield app
        celery_app.control.shutdown()  # else the worker takes seconds to notice


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Send requests to the shop without a server."""
    return app.test_client()

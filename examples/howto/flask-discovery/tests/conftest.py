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


@pytest.fixture
def app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Give each test a shop without a broker."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    lane = request.config.getoption("--lane")
    app = create_app({"CELERY": IN_MEMORY | LANES[lane]})
    if lane == "eager":
        yield app
        return
    celery_app = app.extensions["celery"]
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Send requests to the shop without a server."""
    return app.test_client()

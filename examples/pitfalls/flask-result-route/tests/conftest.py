"""A Flask application with the route; ``pytest --lane worker`` runs tasks in a worker thread."""

from collections.abc import Iterator
from queue import Queue

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import task_postrun
from flask import Flask
from flask.testing import FlaskClient
from result_route import add_result_route


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=["eager", "worker"], default="eager", help="how tasks run")


# Celery reads these past every configuration.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)


@pytest.fixture
def celery_app(pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Return a Celery app, with a worker thread in the worker lane."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    celery_app = Celery("shop", broker="memory://", backend="cache+memory://")
    celery_app.set_default()
    if pytestconfig.getoption("--lane") == "eager":
        celery_app.conf.update(task_always_eager=True, task_store_eager_result=True)
        yield celery_app
        return
    celery_app.conf.broker_transport_options = {"polling_interval": 0.01}
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield celery_app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])


@pytest.fixture
def client(celery_app: Celery) -> FlaskClient:
    """Return a client of an application that answers errors as in production."""
    app = Flask("shop")
    app.extensions["celery"] = celery_app
    add_result_route(app)
    return app.test_client()


@pytest.fixture
def finished() -> Iterator[Queue[str]]:
    """Collect the ids of tasks as they end."""
    ids: Queue[str] = Queue()

    def record(task_id: str, **_: object) -> None:
        ids.put(task_id)

    task_postrun.connect(record)
    yield ids
    task_postrun.disconnect(record)

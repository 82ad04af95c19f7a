"""The smallest application that the tasks can run in; `pytest --lane worker` starts a worker thread."""

from collections.abc import Iterator

import pytest
from celery import Celery, Task
from celery.contrib.testing.worker import start_worker
from flask import Flask

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
def celery_app(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Celery]:
    """Put the tasks into an application, with a worker at work."""
    for name in OVERRIDING_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    flask_app = Flask("app")
    flask_app.config["LETTERS_SENDER"] = "test@example.com"

    class FlaskTask(Task):
        def __call__(self, *args: object, **kwargs: object) -> object:
            with flask_app.app_context():
                return self.run(*args, **kwargs)

    celery_app = Celery("app", task_cls=FlaskTask)
    lane = request.config.getoption("--lane")
    celery_app.config_from_object(IN_MEMORY | LANES[lane])
    if lane == "eager":
        yield celery_app
        return
    with start_worker(celery_app, perform_ping_check=False) as worker:
        yield celery_app
        # Named, or every worker of the broker stops; without it, leaving takes four seconds.
        celery_app.control.shutdown(destination=[worker.hostname])

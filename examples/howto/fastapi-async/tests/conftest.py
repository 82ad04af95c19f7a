"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from fastapi.testclient import TestClient
from shop import loop
from shop.celery_app import celery_app as shop_celery_app
from shop.config import get_settings
from shop.main import create_app

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


@pytest.fixture
def client(worker: None) -> Iterator[TestClient]:
    """Send requests."""
    with TestClient(create_app()) as client:
        yield client


@pytest.fixture(autouse=True)
def no_loop() -> Iterator[None]:
    """Leave no loop to the next test."""
    yield
    loop.stop()


class Partner(BaseHTTPRequestHandler):
    """A partner's web service, which keeps connections open."""

    protocol_version = "HTTP/1.1"
    connections = 0
    requests = 0

    def setup(self) -> None:
        """Count the connections."""
        Partner.connections += 1
        super().setup()

    def do_POST(self) -> None:
        """Hear of an order."""
        Partner.requests += 1
        name, order_id = self.path.strip("/").split("/")
        body = f'"{name} knows order {order_id}"'.encode()
        self.send_response(404 if name == "nobody" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """A server that does not mind a client that goes away."""

    def handle_error(self, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def partner(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Partner]]:
    """Start the partners' web service."""
    Partner.connections = Partner.requests = 0
    with Server(("127.0.0.1", 0), Partner) as server:
        Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(get_settings(), "partner_url", url)
        yield Partner
        loop.stop()  # it has connections open
        server.shutdown()

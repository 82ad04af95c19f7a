"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from celery import Celery
from celery.contrib.testing.worker import start_worker

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
    os.environ |= {"SHOP_BROKER_URL": "memory://", "SHOP_RESULT_BACKEND": "cache+memory://"}
    from shop.celery_app import celery_app

    celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])


@pytest.fixture
def celery_app() -> Celery:
    """Return the app."""
    from shop.celery_app import celery_app

    return celery_app


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


class TLSServer:
    """A server whose certificate is for localhost; it greets nobody, and hangs up."""

    def __init__(self, folder: Path) -> None:
        """Make the certificates and listen."""
        authority = trustme.CA(key_type=trustme.KeyType.ECDSA)
        self.ca = folder / "ca.pem"
        authority.cert_pem.write_to_path(self.ca)
        self.other_ca = folder / "other.pem"
        trustme.CA(key_type=trustme.KeyType.ECDSA).cert_pem.write_to_path(self.other_ca)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate = authority.issue_cert("localhost", key_type=trustme.KeyType.ECDSA)
        certificate.configure_cert(self.context)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        """Shake hands with each client, if it wants to, and close the connection."""
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:  # the socket is closed
                return
            with connection:
                connection.settimeout(5)
                try:
                    self.context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    continue


@pytest.fixture
def server(tmp_path: Path) -> Iterator[TLSServer]:
    """Run a server."""
    server = TLSServer(tmp_path)
    yield server
    server.socket.shutdown(socket.SHUT_RDWR)
    server.socket.close()
    server.thread.join(5)

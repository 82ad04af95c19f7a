"""``pytest`` runs the tasks in the call, ``pytest --lane worker`` in a worker thread."""

import os
import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any

import collector
import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from shop import tracing
from shop.celery_app import celery_app as shop_celery_app

IN_MEMORY = {"broker_url": "memory://", "result_backend": "cache+memory://"}
LANES: dict[str, dict[str, Any]] = {
    "eager": {"task_always_eager": True},
    "worker": {"broker_transport_options": {"polling_interval": 0.01}},
}
# Celery reads these from the environment, and they win over the settings of a test.
OVERRIDING_VARIABLES = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
server = collector.ThreadingHTTPServer(("127.0.0.1", 0), collector.Collector)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses who runs the tasks."""
    parser.addoption("--lane", choices=sorted(LANES), default="eager")


def pytest_configure(config: pytest.Config) -> None:
    """Keep every message in this process; have spans sent to a collector here, but not by themselves."""
    for name in list(os.environ):
        if name in OVERRIDING_VARIABLES or name.startswith("OTEL_"):
            del os.environ[name]
    shop_celery_app.conf.update(IN_MEMORY | LANES[config.getoption("--lane")])
    os.environ["DJANGO_SETTINGS_MODULE"] = "shop.django_settings"
    os.environ["DJANGO_ALLOWED_HOSTS"] = "testserver"
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
    os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "3600000"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()


def pytest_unconfigure() -> None:
    """Stop the collector when nothing waits any more."""
    tracing.flush()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def no_spans() -> Iterator[None]:
    """Forget the spans of the test before."""
    tracing.flush()
    collector.spans.clear()
    yield
    shop_celery_app.control.purge()


@pytest.fixture
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
def span_named() -> Callable[[str], Span]:
    """Return what waits until a span has been sent."""

    def wait(name: str) -> Span:
        deadline = time.monotonic() + 20
        while True:
            tracing.flush()
            if found := [span for span in collector.spans if span.name == name]:
                return found[-1]
            assert time.monotonic() < deadline, [span.name for span in collector.spans]
            time.sleep(0.01)

    return wait

"""What a load balancer and a monitoring system ask."""

from collections.abc import Callable, Iterator
from contextlib import closing
from socket import socket
from threading import Event

import pytest
from celery import Celery
from fastapi.testclient import TestClient
from kombu.transport.memory import Channel
from shop import checks
from shop.queues import queue_length
from shop.tasks import mail_report

pytestmark = pytest.mark.filterwarnings("ignore:task_always_eager has no effect on send_task")


def test_a_queue_has_a_length(celery_app: Celery) -> None:
    assert queue_length("celery") == 0
    for year in (2024, 2025, 2026):
        celery_app.send_task(mail_report.name, (year,))
    assert queue_length("celery") == 3
    assert queue_length("nobody-uses-it") == 0
    assert "nobody-uses-it" not in Channel.queues  # asked for, not made


def test_the_answers(client: TestClient, celery_app: Celery) -> None:
    celery_app.send_task(mail_report.name, (2026,))
    assert client.get("/health").json() == "ok"
    assert client.get("/ready").json() == {"celery": 1}
    assert list(client.get("/openapi.json").json()["paths"]) == ["/reports/{year}"]
    metrics = client.get("/metrics")
    assert metrics.headers["Content-Type"].startswith("text/plain")
    assert metrics.text.splitlines() == [
        "# HELP shop_queue_length Messages",
        "# TYPE shop_queue_length gauge",
        'shop_queue_length{queue="celery"} 1.0',
    ]


@pytest.fixture
def no_broker(celery_app: Celery) -> Iterator[None]:
    """Have the broker refuse."""
    before = celery_app.conf.broker_url
    with closing(socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # taken, and nobody listens
        celery_app.conf.broker_url = f"amqp://127.0.0.1:{taken.getsockname()[1]}"
        yield
    celery_app.conf.broker_url = before


@pytest.mark.parametrize("path", ["/ready", "/metrics"])
def test_a_broker_that_refuses(client: TestClient, no_broker: None, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (503, {"detail": "the broker does not answer"})
    assert client.get("/health").status_code == 200


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Have the broker say nothing; return what counts the threads that wait for it."""
    go_on, waiting = Event(), []

    def wait(queue: str) -> int:
        waiting.append(queue)
        go_on.wait(timeout=30)
        return 0

    with monkeypatch.context() as patch:
        patch.setattr(checks, "queue_length", wait)
        patch.setattr(checks, "LIMIT", 0.05)
        yield lambda: len(waiting)
        go_on.set()


def test_a_broker_that_hangs_holds_one_thread(
    client: TestClient, hanging: Callable[[], int]
) -> None:
    for _ in range(3):
        assert client.get("/ready").status_code == 503
        assert client.get("/health").status_code == 200
    assert hanging() == 1


def test_the_time_limit() -> None:
    assert checks.LIMIT == 1.0

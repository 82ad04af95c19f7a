"""What differs between the lanes, and what keeps them fast and apart from the world."""

import re
from collections.abc import Iterator
from queue import Queue
from time import monotonic
from unittest.mock import ANY, MagicMock

import pytest
from celery import Celery, exceptions
from fastapi.testclient import TestClient
from lanes import LANES, OVERRIDING_VARIABLES, empty_queue, worker_thread
from shop.celery_app import celery_app as shop_celery_app
from shop.tasks import ReportError, archive_user


@shop_celery_app.task(ignore_result=False)
def pair() -> tuple[int, int]:
    """Return a tuple."""
    return 1, 2


@shop_celery_app.task
def seven() -> int:
    """Return a number that nobody keeps."""
    return 7


@shop_celery_app.task(ignore_result=False)
def waits_for_a_task() -> list[int]:
    """Return the result of another task. Do not write this: it blocks a worker."""
    return pair.delay().get(timeout=0.1)


@pytest.mark.usefixtures("client")
def test_a_tuple_comes_back_as_a_list(lane: str) -> None:
    result = pair.delay().get(timeout=30, interval=0.01)
    assert result == {"eager": (1, 2), "worker": [1, 2]}[lane]


@pytest.mark.usefixtures("client")
def test_an_ignored_result_is_none(lane: str) -> None:
    result = seven.delay().get(timeout=30, interval=0.01)
    assert result == {"eager": 7, "worker": None}[lane]


@pytest.mark.usefixtures("client")
def test_a_task_cannot_wait_for_a_task(lane: str, finished: Queue[str]) -> None:
    error, message = {
        "eager": (RuntimeError, "Never call result.get() within a task!"),
        "worker": (exceptions.TimeoutError, "The operation timed out."),
    }[lane]
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        waits_for_a_task.delay().get(timeout=30, interval=0.01)
    finished.get(timeout=30)


@pytest.mark.usefixtures("client")
def test_a_worker_drops_an_expired_task(lane: str, finished: Queue[str]) -> None:
    late = seven.apply_async(expires=-1)
    seven.delay()
    assert (finished.get(timeout=30) == late.id) is (lane == "eager")


def test_a_failing_task_does_not_fail_the_request(
    client: TestClient, lane: str, finished: Queue[str]
) -> None:
    if lane == "eager":
        with pytest.raises(ReportError, match=r"^no orders in 2031$"):
            client.post("/reports", json={"year": 2031})
        return
    response = client.post("/reports", json={"year": 2031})
    assert response.status_code == 202
    finished.get(timeout=30)
    answer = client.get(response.headers["Location"]).json()
    assert (answer["state"], answer["error"]) == ("FAILURE", "no orders in 2031")


@pytest.fixture(scope="module", autouse=True)
def exported() -> Iterator[None]:
    """Set what a developer may have set for another project."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OVERRIDING_VARIABLES:
            patch.setenv(name, "redis://redis.example.org/0")
        yield


def test_no_variable_sends_the_tests_elsewhere(celery_app: Celery) -> None:
    conf = celery_app.conf
    assert (conf.broker_url, conf.result_backend) == ("memory://", "cache+memory://")
    assert (conf.broker_read_url, conf.broker_write_url) == ("memory://", "memory://")


@pytest.fixture
def queueing_app(celery_app: Celery) -> Celery:
    """Return a Celery app that sends messages, in every lane."""
    celery_app.conf.update(LANES["worker"], task_always_eager=False)
    return celery_app


def test_worker_starts_with_an_empty_queue(queueing_app: Celery, finished: Queue[str]) -> None:
    archive_user.delay(1)
    with worker_thread(queueing_app):
        sent = seven.delay()
        assert finished.get(timeout=30) == sent.id


def test_a_real_queue_is_not_emptied(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    purge = MagicMock()
    monkeypatch.setattr(celery_app.control, "purge", purge)
    monkeypatch.setitem(celery_app.conf, "broker_url", "redis://:secret@redis.example.org/0")
    message = "this would empty a real queue: redis://:**@redis.example.org:6379/0"
    with pytest.raises(RuntimeError, match=f"^{re.escape(message)}$"):
        empty_queue(celery_app)
    purge.assert_not_called()


def test_only_this_worker_is_stopped(queueing_app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    shutdown = MagicMock(wraps=queueing_app.control.shutdown)
    monkeypatch.setattr(queueing_app.control, "shutdown", shutdown)
    with worker_thread(queueing_app):
        pass
    shutdown.assert_called_once_with(destination=[ANY])


def test_worker_loses_no_time(queueing_app: Celery, finished: Queue[str]) -> None:
    begin = monotonic()
    with worker_thread(queueing_app):
        for _ in range(3):
            seven.delay()
            finished.get(timeout=30)
    assert monotonic() - begin < 2

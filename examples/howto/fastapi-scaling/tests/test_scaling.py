"""Queues, pools and names of workers."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from types import SimpleNamespace

import pytest
from celery import Celery
from celery.app.control import flatten_reply
from celery.exceptions import DuplicateNodenameWarning
from fastapi.testclient import TestClient
from shop import tasks
from shop.config import Settings, get_settings
from shop.main import app
from shop.tasks import count_primes, make_report, send_receipt

from conftest import Work


@pytest.fixture
def go_on(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let a report wait for this event in place of two seconds."""
    event = threading.Event()
    monkeypatch.setattr(tasks, "time", SimpleNamespace(sleep=lambda _: event.wait(30)))
    return event


def test_a_slow_task_holds_up_a_fast_one(
    work: Work, finished: Queue[str], go_on: threading.Event
) -> None:
    make_report.apply_async([2026], queue="celery")
    send_receipt.delay(1)
    with work("celery"):
        time.sleep(0.1)
        assert finished.empty()
        go_on.set()
        assert finished.get(timeout=30) == "make_report"
        assert finished.get(timeout=30) == "send_receipt"


def test_a_queue_of_its_own_lets_the_fast_one_pass(
    work: Work, finished: Queue[str], go_on: threading.Event
) -> None:
    make_report.delay(2026)
    send_receipt.delay(1)
    with work("celery"):
        assert finished.get(timeout=30) == "send_receipt"
    go_on.set()
    with work("slow"):
        assert finished.get(timeout=30) == "make_report"


def test_four_threads_wait_at_the_same_time(
    work: Work, finished: Queue[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    barrier = threading.Barrier(4)  # nobody passes before all four are there
    sleep = SimpleNamespace(sleep=lambda _: barrier.wait(30))
    monkeypatch.setattr(tasks, "time", sleep)
    for year in range(4):
        make_report.delay(year)
    with work("slow", concurrency=4):
        for _ in range(4):
            assert finished.get(timeout=30) == "make_report"
    assert not barrier.broken


def test_two_threads_use_one_core() -> None:
    wall, cpu = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(count_primes, [20_000] * 2)) == [2262, 2262]
    cores = (time.process_time() - cpu) / (time.monotonic() - wall)
    assert cores < 1.2


def test_two_workers_of_one_name() -> None:
    replies = [{"celery@laptop": {"ok": "pong"}}, {"celery@laptop": {"ok": "pong"}}]
    warning = "Received multiple replies from node name: celery@laptop."
    with pytest.warns(DuplicateNodenameWarning, match=f"^{warning}"):
        assert flatten_reply(replies) == {"celery@laptop": {"ok": "pong"}}


def test_the_endpoints(
    work: Work, finished: Queue[str], go_on: threading.Event, *, eager: bool
) -> None:
    go_on.set()
    client = TestClient(app)
    for path in ("/orders/1/receipt", "/reports/2026"):
        answer = client.post(path)
        assert answer.status_code == 202
        assert len(answer.json()["task_id"]) == 36
    if not eager:
        with work("celery", "slow"):
            names = {finished.get(timeout=30) for _ in range(2)}
    else:
        names = {finished.get_nowait() for _ in range(2)}
    assert names == {"send_receipt", "make_report"}


def test_the_tasks(go_on: threading.Event) -> None:
    go_on.set()
    assert make_report(2026) == "report of 2026"
    assert send_receipt(1) == "sent receipt 1"
    assert count_primes(11) == 4


def test_a_report_takes_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(tasks, "time", SimpleNamespace(sleep=slept.append))
    monkeypatch.setattr(
        get_settings(), "report_seconds", Settings.model_fields["report_seconds"].default
    )
    make_report(2026)
    assert slept == [2]


def test_the_settings(celery_app: Celery) -> None:
    route = celery_app.amqp.router.route({}, "shop.tasks.count_primes")
    assert route["queue"].name == "cpu"
    assert celery_app.conf.task_ignore_result is True
    assert "shop.tasks" in celery_app.conf.include

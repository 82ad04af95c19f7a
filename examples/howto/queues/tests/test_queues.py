"""Who waits for whom."""

import threading
import time
from queue import Queue

import pytest
from celery import Celery
from celery.exceptions import QueueNotFound
from shop.tasks import ask_bank, make_report, reset_password, send_receipt

from conftest import Work


def waiting(celery_app: Celery, queue: str) -> int:
    """Count the messages that no worker has taken."""
    with celery_app.connection_for_read() as connection:
        return connection.channel().queue_declare(queue, passive=True).message_count


def wait_until_it_waits(celery_app: Celery, queue: str, messages: int) -> None:
    """Wait until so many messages are left in the queue."""
    deadline = time.monotonic() + 30
    while waiting(celery_app, queue) != messages:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_routes(celery_app: Celery) -> None:
    for task, argument in ((reset_password, 1), (send_receipt, 2), (make_report, 3)):
        task.delay(argument)
    assert [waiting(celery_app, queue) for queue in ("urgent", "celery", "slow")] == [1, 1, 1]


def test_an_urgent_job_passes_a_slow_one(
    work: Work, finished: Queue[str], go_on: threading.Event
) -> None:
    make_report.delay(2026)
    with work("slow"), work("urgent"):
        reset_password.delay(1)
        assert finished.get(timeout=30) == "reset_password 1"
        go_on.set()
        assert finished.get(timeout=30) == "make_report 2026"


def test_what_a_worker_has_taken_no_other_can_have(
    celery_app: Celery, work: Work, finished: Queue[str], go_on: threading.Event
) -> None:
    make_report.apply_async([2026], queue="celery")
    for order in range(6):
        send_receipt.delay(order)
    with work("celery"):  # its one thread makes the report, and it holds four receipts
        wait_until_it_waits(celery_app, "celery", 2)
        with work("celery"):  # the other worker has nothing else to do
            assert finished.get(timeout=30) == "send_receipt 4"
            assert finished.get(timeout=30) == "send_receipt 5"
            send_receipt.delay(6)
            assert finished.get(timeout=30) == "send_receipt 6"
            go_on.set()
            assert finished.get(timeout=30) == "make_report 2026"
            assert finished.get(timeout=30) == "send_receipt 0"


def test_a_rate_limit_is_for_one_worker(
    celery_app: Celery, work: Work, finished: Queue[str]
) -> None:
    assert ask_bank.rate_limit == "1/h"
    for order in range(5):
        ask_bank.delay(order)
    with work("celery"):
        assert finished.get(timeout=30) == "ask_bank 0"
        wait_until_it_waits(celery_app, "celery", 0)  # it holds the other four
        send_receipt.delay(1)
        ask_bank.delay(5)
        with work("celery"):
            assert finished.get(timeout=30) == "send_receipt 1"
            assert finished.get(timeout=30) == "ask_bank 5"


def test_a_queue_that_nobody_knows(celery_app: Celery) -> None:
    with pytest.raises(QueueNotFound, match=r"^\"Queue 'ugent' missing from task_queues\"$"):
        reset_password.apply_async([1], queue="ugent")

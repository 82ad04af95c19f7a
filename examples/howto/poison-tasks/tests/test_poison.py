"""What is put aside; the killing itself is on the page, it takes a worker with processes."""

import os
import signal
from typing import Any

import pytest
from billiard.exceptions import WorkerLostError
from celery import Task
from shop import dead, labels, memory, tasks

LOST = WorkerLostError("Worker exited prematurely: signal 9 (SIGKILL) Job: 0.")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Collect the options of what is sent, instead of sending it."""
    options: list[dict[str, Any]] = []
    monkeypatch.setattr(
        tasks.draw, "apply_async", lambda *args, **given: options.append({"args": args, **given})
    )
    return options


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "task", [tasks.draw, tasks.draw_once, tasks.draw_for_ever, memory.paint, memory.paint_safely]
)
def test_a_label(task: Task) -> None:
    assert task.delay(1).get(timeout=5, interval=0.01) == "label of order 1"


def test_the_poison(monkeypatch: pytest.MonkeyPatch) -> None:
    killed = []
    monkeypatch.setattr("os.kill", lambda *args: killed.append(args))
    labels.draw(labels.TOO_LARGE)
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.mark.usefixtures("worker")
def test_a_memory_error_becomes_an_error_of_ours() -> None:
    end = memory.paint_safely.delay(labels.HUGE).get(timeout=5, interval=0.01, propagate=False)
    assert repr(end) == "TooLargeError(14)"
    with pytest.raises(MemoryError):
        memory.paint(labels.HUGE)


def fail(task: Task, error: Exception, queue: str) -> None:
    """Do what the worker does when a task from a queue has failed."""
    task.push_request(delivery_info={"routing_key": queue})
    dead.put_aside(task, error, [13], {})
    task.pop_request()


def test_what_is_put_aside(sent: list[dict[str, Any]]) -> None:
    fail(tasks.draw, ValueError("a mistake of ours"), "labels")
    assert sent == []
    fail(tasks.draw, LOST, "labels")
    assert sent == [{"args": ([13], {}), "queue": "labels.dead"}]


def test_what_kills_the_worker_of_the_dead_is_dropped(sent: list[dict[str, Any]]) -> None:
    fail(tasks.draw, LOST, "labels.dead")
    assert sent == []


def test_the_options() -> None:
    assert tasks.draw.retry_on_worker_lost
    assert (tasks.draw.max_retries, tasks.draw.default_retry_delay) == (2, 1)

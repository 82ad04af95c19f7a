"""Each state of a task, and who writes it."""

import runpy
import sys
import time
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest
from celery import Task, states, uuid
from celery.exceptions import Ignore, Reject, TaskRevokedError
from celery.exceptions import TimeoutError as NoResultYet
from celery.result import AsyncResult
from shop.celery_app import celery_app
from shop.config import settings
from shop.tasks import ask_bank, logger, make_report, send_receipt

SECONDS = 5


@celery_app.task(name="tests.ignore")
def ignore() -> None:
    """Ask Celery to write nothing."""
    raise Ignore


@celery_app.task(name="tests.reject")
def reject() -> None:
    """Have the message thrown away."""
    raise Reject


@pytest.fixture(autouse=True)
def as_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a task that is sent raise nothing in the eager lane either."""
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", False)


class Gate:
    """Holds every task that sleeps, until the test opens it."""

    def __init__(self) -> None:
        """Begin closed."""
        self.opened = Event()
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Stand in for `time.sleep`."""
        self.slept.append(seconds)
        self.opened.wait(SECONDS)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch, lane: str) -> Iterator[Gate]:
    """Let tasks take as long as the test wants; an eager task would wait for itself."""
    gate = Gate()
    if lane == "eager":
        gate.opened.set()
    monkeypatch.setattr("shop.tasks.time", gate)
    monkeypatch.setattr(settings, "mail_seconds", 2)
    monkeypatch.setattr(settings, "month_seconds", 3)
    yield gate
    gate.opened.set()


def ask(task_id: str) -> AsyncResult[Any]:
    """Look the task up anew."""
    return celery_app.AsyncResult(task_id)


def wait_for(task_id: str, state: str) -> AsyncResult[Any]:
    """Ask until the task is in this state."""
    until = time.monotonic() + SECONDS
    while ask(task_id).state != state:
        assert time.monotonic() < until, f"{ask(task_id).state}, not {state}"
        time.sleep(0.005)
    return ask(task_id)


def needs_a_worker(lane: str) -> None:
    """Skip a test that says nothing in the eager lane."""
    if lane == "eager":
        pytest.skip("an eager task has ended when it is sent")


def test_nobody_has_written_pending() -> None:
    result = ask(uuid())
    assert (result.state, result.result, result.ready()) == (states.PENDING, None, False)
    with pytest.raises(NoResultYet, match=r"^The operation timed out\.$"):
        result.get(timeout=0.01)


def test_a_message_without_a_worker_is_pending(lane: str) -> None:
    needs_a_worker(lane)
    result = send_receipt.apply_async(["ada@example.com"], queue="mail")
    assert ask(result.id).state == states.PENDING


@pytest.mark.usefixtures("worker")
def test_started_names_the_worker(lane: str, gate: Gate) -> None:
    needs_a_worker(lane)
    result = send_receipt.delay("ada@example.com")
    started = wait_for(result.id, states.STARTED)
    assert started.result.keys() == {"pid", "hostname"}
    gate.opened.set()
    assert wait_for(result.id, states.SUCCESS).result == "sent"
    assert gate.slept == [2]


@pytest.mark.usefixtures("worker")
def test_without_track_started_a_running_task_is_pending(
    lane: str, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs_a_worker(lane)
    monkeypatch.setattr(send_receipt, "track_started", False)
    result = send_receipt.delay("ada@example.com")
    until = time.monotonic() + SECONDS
    while not gate.slept:
        assert time.monotonic() < until
        time.sleep(0.005)
    assert ask(result.id).state == states.PENDING
    gate.opened.set()
    assert wait_for(result.id, states.SUCCESS).result == "sent"


@pytest.mark.usefixtures("worker")
def test_a_state_of_its_own(lane: str, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[str] = []
    monkeypatch.setattr(logger, "info", lambda text, *args: logged.append(text % args))
    result = make_report.delay(2026)
    if lane == "worker":
        assert wait_for(result.id, "PROGRESS").result == {"done": 1, "total": 12}
        gate.opened.set()
    assert wait_for(result.id, states.SUCCESS).result == "report of 2026"
    assert gate.slept == [3] * 12
    assert logged == [f"month {month} of 2026" for month in range(1, 13)]


@pytest.mark.usefixtures("worker")
def test_retry_has_the_last_error(lane: str) -> None:
    result = ask_bank.delay(1)
    retry = wait_for(result.id, states.RETRY if lane == "worker" else states.FAILURE)
    assert repr(retry.result) == "ConnectionError('no answer about order 1')"
    assert "ConnectionError: no answer about order 1\n" in retry.traceback
    if lane == "worker":
        assert not retry.ready()
        with pytest.raises(NoResultYet):
            retry.get(timeout=0.01)
    assert (ask_bank.default_retry_delay, ask_bank.max_retries) == (60, 3)


@pytest.mark.usefixtures("worker")
def test_failure_has_the_error_and_its_traceback() -> None:
    result = send_receipt.delay("nobody")
    failure = wait_for(result.id, states.FAILURE)
    assert repr(failure.result) == "ValueError('not an e-mail address')"
    assert failure.traceback.endswith("ValueError: not an e-mail address\n")
    assert repr(failure.get(propagate=False)) == repr(failure.result)
    with pytest.raises(ValueError, match=r"^not an e-mail address$"):
        failure.get()


@pytest.mark.usefixtures("worker")
def test_revoked_while_it_waits(lane: str) -> None:
    needs_a_worker(lane)
    result = send_receipt.apply_async(["ada@example.com"], countdown=3600)
    time.sleep(0.1)
    result.revoke()
    revoked = wait_for(result.id, states.REVOKED)
    with pytest.raises(TaskRevokedError, match=r"^revoked$"):
        revoked.get()


@pytest.mark.usefixtures("worker")
def test_a_task_that_nobody_has_sent_is_revoked(lane: str) -> None:
    needs_a_worker(lane)
    task_id = uuid()
    celery_app.control.revoke(task_id)
    assert repr(wait_for(task_id, states.REVOKED).result) == "TaskRevokedError('revoked')"


@pytest.mark.usefixtures("worker")
def test_expired_is_revoked(lane: str) -> None:
    needs_a_worker(lane)
    result = send_receipt.apply_async(["ada@example.com"], expires=-1)
    with pytest.raises(TaskRevokedError, match=r"^expired$"):
        wait_for(result.id, states.REVOKED).get()


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(("task", "state"), [(ignore, states.STARTED), (reject, states.FAILURE)])
def test_ignore_ends_with_no_state(lane: str, task: Task, state: str) -> None:
    needs_a_worker(lane)
    ended, after = task.delay(), send_receipt.delay("ada@example.com")
    assert wait_for(after.id, states.SUCCESS)
    assert ask(ended.id).state == state


@pytest.mark.usefixtures("worker")
def test_an_ignored_result_leaves_nothing() -> None:
    ignored = send_receipt.apply_async(["ada@example.com"], ignore_result=True)
    after = send_receipt.delay("ada@example.com")
    assert wait_for(after.id, states.SUCCESS)
    assert ask(ignored.id).state == states.PENDING


@pytest.mark.usefixtures("worker")
def test_look(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    result = send_receipt.delay("nobody")
    wait_for(result.id, states.FAILURE)
    monkeypatch.setattr(sys, "argv", ["look.py", result.id])
    runpy.run_path("look.py")
    assert capsys.readouterr().out == "FAILURE ValueError('not an e-mail address')\n"

"""What is left of a task when it has ended."""

import json
from collections.abc import Callable
from unittest.mock import MagicMock

import pytest
from celery import Celery, Task, group
from celery.exceptions import TimeoutError as NoResultInTime
from shop import progress
from shop.celery_app import celery_app
from shop.tasks import import_prices, make_price_list, send_receipt

Ended = Callable[[Task], str]


def test_the_shop_keeps_results_for_an_hour() -> None:
    assert celery_app.conf.result_expires == 3600


def test_an_ignored_result(lane: str, ended: Ended) -> None:
    result = send_receipt.delay(7)
    task_id = ended(send_receipt)
    assert result.ready() is (lane == "eager")
    assert result.get(timeout=5) == {"eager": "sent receipt 7", "worker": None}[lane]

    same = celery_app.AsyncResult(task_id)
    assert (same.state, same.ready()) == ("PENDING", False)
    with pytest.raises(NoResultInTime, match=r"^The operation timed out\.$"):
        same.get(timeout=0.1)


def test_a_group_of_ignored_results(lane: str, ended: Ended) -> None:
    result = group(send_receipt.s(7), send_receipt.s(8))()
    ids = {receipt.id for receipt in result.results}
    assert {ended(send_receipt), ended(send_receipt)} == ids
    if lane == "eager":
        assert result.get() == ["sent receipt 7", "sent receipt 8"]
        return
    assert result.ready() is False
    with pytest.raises(NoResultInTime, match=r"^(The operation|Operation) timed out"):
        result.get(timeout=0.1)


def test_the_result_is_kept_for_this_call(ended: Ended) -> None:
    send_receipt.apply_async((7,), ignore_result=False)
    result = celery_app.AsyncResult(ended(send_receipt))
    assert result.get(timeout=5, interval=0.01) == "sent receipt 7"


def test_without_a_result_backend() -> None:
    result = Celery("shop", set_as_current=False).AsyncResult("7d5e")
    message = "'DisabledBackend' object has no attribute '_get_task_meta_for'"
    with pytest.raises(AttributeError, match=f"^{message}$"):
        _ = result.state
    with pytest.raises(NotImplementedError, match=r"^No result backend is configured\."):
        result.get(timeout=0.1)


USUAL = {"task_id", "status", "result", "traceback", "children", "date_done"}


def stored(task_id: str) -> set[str]:
    """Return the names of what the result backend knows about a task."""
    backend = celery_app.backend
    return set(json.loads(backend.get(backend.get_key_for_task(task_id))))


def test_what_is_stored(ended: Ended) -> None:
    make_price_list.delay("EUR")
    assert stored(ended(make_price_list)) == USUAL


def test_an_extended_result(ended: Ended) -> None:
    celery_app.conf.result_extended = True
    make_price_list.delay("EUR")
    result = celery_app.AsyncResult(ended(make_price_list))
    celery_app.conf.result_extended = False
    more = {"name", "args", "kwargs", "worker", "retries", "queue"}
    assert stored(result.id) == USUAL | more
    assert (result.name, result.args) == ("shop.tasks.make_price_list", ["EUR"])


def test_progress_is_stored_at_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 10.25, 10.5, 10.75, 11.0, 11.25])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    task = MagicMock()
    report = progress.Progress(task, total=6)
    for done in range(1, 7):
        report(done)
    states = [call.kwargs for call in task.update_state.call_args_list]
    assert {state["state"] for state in states} == {"PROGRESS"}
    assert [state["meta"] for state in states] == [
        {"done": done, "total": 6} for done in (1, 3, 5, 6)
    ]


def test_a_thousand_steps_are_few_writes(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    update_state = MagicMock(side_effect=import_prices.update_state)
    monkeypatch.setattr(import_prices, "update_state", update_state)
    import_prices.delay([1] * 1000)
    assert celery_app.AsyncResult(ended(import_prices)).get(timeout=5, interval=0.01) == 1000
    done = [call.kwargs["meta"]["done"] for call in update_state.call_args_list]
    assert (done[0], done[-1]) == (1, 1000)
    assert len(done) < 20

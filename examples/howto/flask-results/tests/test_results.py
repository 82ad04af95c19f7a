"""What is left of a task when it has ended."""

from collections.abc import Callable

import pytest
from celery import Task, chain, group, shared_task
from celery.exceptions import TimeoutError as NoResultInTime
from celery.result import allow_join_result
from kombu.exceptions import EncodeError
from shop import celery_app, make_price_list, send_receipt


@shared_task(bind=True, ignore_result=False)
def own_state(task: Task) -> str:
    """Return the state that others see while this runs."""
    return celery_app.AsyncResult(task.request.id).state


@shared_task
def fail_unseen() -> None:
    """Raise ValueError, and keep no result."""
    message = "nobody will know"
    raise ValueError(message)


@shared_task(ignore_result=False)
def wait_for_prices() -> list[str]:
    """Wait for another task. Do not write this."""
    with allow_join_result():
        return make_price_list.delay({"tea": 490}).get(timeout=0.1)


@shared_task(ignore_result=False)
def currencies() -> set[str]:
    """Return a set, which JSON does not have."""
    return {"EUR"}


def test_the_shop_keeps_results_for_an_hour() -> None:
    assert celery_app.conf.result_expires == 3600


def test_the_state_of_a_task_that_runs(lane: str) -> None:
    state = own_state.delay().get(timeout=5, interval=0.01)
    assert state == {"eager": "PENDING", "worker": "STARTED"}[lane]


def test_an_ignored_result(lane: str, ended: Callable[[Task], str]) -> None:
    result = send_receipt.delay("ada@example.com")
    assert ended(send_receipt) == result.id
    assert result.ready() is (lane == "eager")
    assert result.get(timeout=5) == {"eager": "sent to ada@example.com", "worker": None}[lane]

    same_id = celery_app.AsyncResult(result.id)
    assert (same_id.state, same_id.ready()) == ("PENDING", False)
    with pytest.raises(NoResultInTime, match=r"^The operation timed out\.$"):
        same_id.get(timeout=0.1)


def test_a_group_of_ignored_results(lane: str, ended: Callable[[Task], str]) -> None:
    result = group(send_receipt.s("ada@example.com"), send_receipt.s("bob@example.com"))()
    assert {ended(send_receipt), ended(send_receipt)} == {receipt.id for receipt in result.results}
    if lane == "eager":
        assert result.get() == ["sent to ada@example.com", "sent to bob@example.com"]
        return
    assert result.ready() is False
    with pytest.raises(NoResultInTime, match=r"^(The operation|Operation) timed out"):
        result.get(timeout=0.1)


def test_the_result_is_kept_for_this_call() -> None:
    result = send_receipt.apply_async(("ada@example.com",), ignore_result=False)
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.com"


def test_an_unseen_failure_leaves_the_end_of_the_chain_pending(
    lane: str, ended: Callable[[Task], str]
) -> None:
    prices = chain(fail_unseen.s(), make_price_list.s())
    if lane == "eager":
        with pytest.raises(ValueError, match=r"^nobody will know$"):
            prices()
        return
    end = prices()
    ended(fail_unseen)
    with pytest.raises(NoResultInTime):
        end.get(timeout=0.1)
    assert end.state == "PENDING"


def test_allow_join_result_is_no_cure(lane: str) -> None:
    waiting = wait_for_prices.delay()
    if lane == "eager":
        assert waiting.get() == ["tea: 4.90"]
        return
    with pytest.raises(NoResultInTime, match=r"^The operation timed out\.$"):
        waiting.get(timeout=5, interval=0.01)


def test_a_set_is_no_result() -> None:
    result = celery_app.AsyncResult(currencies.delay().id)
    error = result.get(timeout=5, interval=0.01, propagate=False)
    assert isinstance(error, EncodeError)
    assert str(error) == "TypeError('Object of type set is not JSON serializable')"
    assert result.state == "FAILURE"

"""Tests that pass in eager mode, and the error of each on a worker."""

from collections.abc import Callable
from pathlib import Path

import pytest
from celery.exceptions import NotRegistered, TimeLimitExceeded
from celery.exceptions import TimeoutError as NoAnswerError
from kombu.exceptions import EncodeError
from shop.celery_app import celery_app
from shop.database import connection
from shop.forgotten import tidy
from shop.tasks import (
    PaymentError,
    charge,
    count_orders,
    fetch_rates,
    list_tags,
    make_report,
    print_label,
    read_email,
    trace,
    trace_late,
)

SOON = {"timeout": 2.5, "interval": 0.02}


@pytest.fixture
def eager() -> bool:
    """Say whether this is the eager lane."""
    return bool(celery_app.conf.task_always_eager)


def returns_a_pair(folder: Path) -> None:
    assert count_orders.delay().get(**SOON) == (2, 3)


def returns_a_set(folder: Path) -> None:
    assert list_tags.delay().get(**SOON) == {"new", "sale"}


def has_a_module(folder: Path) -> None:
    assert tidy.delay().get(**SOON) == "tidy"


def has_a_queue(folder: Path) -> None:
    assert count_orders.apply_async(queue="reprots").get(timeout=0.5)


def has_time(folder: Path) -> None:
    assert make_report.delay().get(**SOON) == "report"


def tries_again(folder: Path) -> None:
    assert fetch_rates.delay().get(timeout=0.5) == "rates"


def runs_once(folder: Path) -> None:
    print_label.delay().get(**SOON)
    assert (folder / "runs").read_text() == "x"


def sees_the_order(folder: Path) -> None:
    connection().execute("INSERT INTO orders VALUES (7, 'ada@example.org')")
    result = read_email.delay(7)
    connection().rollback()
    assert result.get(**SOON) == "ada@example.org"


def names_the_order(folder: Path) -> None:
    with pytest.raises(PaymentError, match="the card has expired") as caught:
        charge.delay(7).get(**SOON)
    assert caught.value.order_id == 7


def sends_a_trace(folder: Path) -> None:
    assert trace.delay().get(**SOON) == "sent: hello"


Check = Callable[[Path], None]
ON_A_WORKER: dict[Check, tuple[type[Exception], str]] = {
    has_a_queue: (NoAnswerError, "The operation timed out."),
    tries_again: (NoAnswerError, "The operation timed out."),
    # By now, the worker is up: the first two fail without one, too.
    returns_a_pair: (AssertionError, "assert [2, 3] == (2, 3)"),
    returns_a_set: (EncodeError, "TypeError('Object of type set is not JSON serializable')"),
    has_a_module: (NotRegistered, "'shop.forgotten.tidy'"),
    has_time: (TimeLimitExceeded, "TimeLimitExceeded(0.2,)"),
    runs_once: (AssertionError, "assert 'xx' == 'x'"),
    sees_the_order: (LookupError, "no order 7"),
    names_the_order: (AssertionError, "assert None == 7"),
    sends_a_trace: (TimeoutError, ""),
}


@pytest.mark.parametrize("check", ON_A_WORKER, ids=lambda check: check.__name__)
def test_it_passes_in_eager_mode_and_fails_on_a_worker(
    check: Check, folder: Path, *, eager: bool
) -> None:
    if eager:
        check(folder)
        return
    error, message = ON_A_WORKER[check]
    with pytest.raises(error) as caught:
        check(folder)
    assert caught.type is error
    assert str(caught.value).partition("\n")[0] == message


def test_a_client_that_is_made_after_the_fork() -> None:
    assert trace_late.delay().get(**SOON) == "sent: hello"

"""Faults, and which level of a test notices each of them."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from celery import shared_task
from flask import Flask
from kombu.exceptions import EncodeError
from shop.models import Order, db
from shop.tasks import send_receipt
from sqlalchemy.exc import NoResultFound

from conftest import by_call, by_delay

Run = Callable[..., object]


@shared_task
def read(order: Order) -> str:
    return order.email


@shared_task
def count() -> tuple[int, int]:
    return 2, 3


@shared_task
def tags() -> set[str]:
    return {"new", "sale"}


def misses_an_argument(run: Run) -> None:
    run(send_receipt)


def fails(run: Run) -> None:
    run(send_receipt, 2)


def takes_an_object(run: Run) -> None:
    run(read, Order(email="ada@example.org"))


def returns_a_tuple(run: Run) -> None:
    assert run(count) == (2, 3)


def returns_a_set(run: Run) -> None:
    run(tags)


def comes_before_the_commit(run: Run) -> None:
    order = Order(email="bob@example.org")
    db.session.add(order)
    db.session.flush()
    run(send_receipt, order.id)


# What a test ends with that calls the body, runs eagerly, and has a worker.
NOTICED = {
    misses_an_argument: (TypeError, TypeError, TypeError),
    fails: (NoResultFound, NoResultFound, NoResultFound),
    takes_an_object: (None, EncodeError, EncodeError),
    returns_a_tuple: (None, None, AssertionError),
    returns_a_set: (None, None, EncodeError),
    comes_before_the_commit: (NoResultFound, NoResultFound, NoResultFound),
}


def ends_with(error: type[Exception] | None) -> AbstractContextManager[object]:
    """Expect an error, or none."""
    return pytest.raises(error) if error else nullcontext()


@pytest.mark.parametrize("fault", NOTICED)
def test_body(fault: Callable[[Run], None], app: Flask) -> None:
    with ends_with(NOTICED[fault][0]), app.app_context():
        fault(by_call)


@pytest.mark.parametrize("fault", NOTICED)
def test_lane(fault: Callable[[Run], None], app: Flask, worker: None, lane: str) -> None:
    column = ["eager", "worker"].index(lane) + 1
    with ends_with(NOTICED[fault][column]), app.app_context():
        fault(by_delay)

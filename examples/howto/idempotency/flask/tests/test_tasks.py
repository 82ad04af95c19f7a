"""Each task runs twice, one after the other or one inside the other."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Task
from flask import Flask
from shop import naive, partners, tasks
from shop.models import Customer, Invoice, Order, db
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, PendingRollbackError

Run = Callable[[Task], Any]


def points(app: Flask) -> int:
    """Return the customer's points."""
    return int(app.test_cli_runner().invoke(args="points").output)


def test_the_second_run_changes_nothing(app: Flask, run: Run) -> None:
    assert [run(tasks.credit_points) for _ in range(2)] == ["19 points", "was there"]
    assert points(app) == 19


def test_two_runs_at_once(app: Flask, run: Run, overtake: Callable[[Task], None]) -> None:
    overtake(tasks.credit_points)
    assert run(tasks.credit_points) == "was there"
    assert points(app) == 19


def test_two_naive_runs_one_after_the_other(app: Flask, run: Run) -> None:
    assert [run(naive.credit_points) for _ in range(2)] == ["19 points", "was there"]
    assert points(app) == 19


def test_two_naive_runs_at_once(app: Flask, run: Run, overtake: Callable[[Task], None]) -> None:
    overtake(naive.credit_points)
    assert run(naive.credit_points) == "19 points"
    assert points(app) == 38


def test_one_invoice(app: Flask, run: Run) -> None:
    assert [run(tasks.write_invoice) for _ in range(2)] == [1, 1]
    with app.app_context():
        assert db.session.scalars(select(Invoice.order_id)).all() == [1]


def test_one_charge(run: Run) -> None:
    receipt = run(tasks.charge)
    assert run(tasks.charge) == receipt
    assert partners.receipts == {"order-1": receipt}
    assert receipt.startswith("1900 cents, ")


def test_a_run_that_died_after_the_charge(app: Flask, run: Run) -> None:
    # The process was killed before it could write the receipt down.
    receipt = partners.charge("order-1", 1900)
    assert run(tasks.charge) == receipt
    with app.app_context():
        assert db.session.get_one(Order, 1).receipt == receipt


def test_a_session_needs_a_rollback_after_an_error(app: Flask) -> None:
    with app.app_context():
        db.session.add_all([Invoice(order_id=1), Invoice(order_id=1)])
        with pytest.raises(IntegrityError, match=r"UNIQUE constraint failed: invoice\.order_id"):
            db.session.commit()
        with pytest.raises(PendingRollbackError) as error:
            db.session.scalar(select(Customer.points))
        assert str(error.value).startswith(
            "This Session's transaction has been rolled back "
            "due to a previous exception during flush."
        )
        db.session.rollback()
        assert db.session.scalar(select(Customer.points)) == 0

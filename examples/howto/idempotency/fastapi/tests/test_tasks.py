"""Each task runs twice, one after the other or one inside the other."""

import runpy
from collections.abc import Callable
from typing import Any

import pytest
from celery import Task
from shop import naive, partners, tasks
from shop.database import new_session
from shop.models import Base, Customer, Invoice, Order
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, PendingRollbackError

Run = Callable[[Task], Any]


def points() -> int:
    """Return the customer's points."""
    with new_session() as session:
        return session.get_one(Customer, 1).points


def test_the_second_run_changes_nothing(run: Run) -> None:
    assert [run(tasks.credit_points) for _ in range(2)] == ["19 points", "was there"]
    assert points() == 19


def test_two_runs_at_once(run: Run, overtake: Callable[[Task], None]) -> None:
    overtake(tasks.credit_points)
    assert run(tasks.credit_points) == "was there"
    assert points() == 19


def test_two_naive_runs_one_after_the_other(run: Run) -> None:
    assert [run(naive.credit_points) for _ in range(2)] == ["19 points", "was there"]
    assert points() == 19


def test_two_naive_runs_at_once(run: Run, overtake: Callable[[Task], None]) -> None:
    overtake(naive.credit_points)
    assert run(naive.credit_points) == "19 points"
    assert points() == 38


def test_one_invoice(run: Run) -> None:
    assert [run(tasks.write_invoice) for _ in range(2)] == [1, 1]
    with new_session() as session:
        assert session.scalars(select(Invoice.order_id)).all() == [1]


def test_one_charge(run: Run) -> None:
    receipt = run(tasks.charge)
    assert run(tasks.charge) == receipt
    assert partners.receipts == {"order-1": receipt}
    assert receipt.startswith("1900 cents, ")


def test_a_run_that_died_after_the_charge(run: Run) -> None:
    # The process was killed before it could write the receipt down.
    receipt = partners.charge("order-1", 1900)
    assert run(tasks.charge) == receipt
    with new_session() as session:
        assert session.get_one(Order, 1).receipt == receipt


def test_a_session_needs_a_rollback_after_an_error() -> None:
    with new_session() as session:
        session.add_all([Invoice(order_id=1), Invoice(order_id=1)])
        with pytest.raises(IntegrityError, match=r"UNIQUE constraint failed: invoices\.order_id"):
            session.commit()
        with pytest.raises(PendingRollbackError, match=r"^This Session's transaction has been"):
            session.scalar(select(Customer.points))
        session.rollback()
        assert session.scalar(select(Customer.points)) == 0


def test_the_tables_are_created(monkeypatch: pytest.MonkeyPatch, database: Engine) -> None:
    Base.metadata.drop_all(database)
    monkeypatch.setattr("shop.database.engine", database)
    runpy.run_module("shop.create_tables", run_name="__main__")
    with new_session() as session:
        assert session.scalars(select(Order.id)).all() == []

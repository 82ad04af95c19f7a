"""What a task finds, and when it finds nothing."""

from queue import Queue
from typing import Any

import pytest
from celery import Task, shared_task
from celery.result import AsyncResult
from flask import Flask, current_app, g, has_app_context, has_request_context
from shop.models import Customer, Failure, Run, db
from shop.tasks import charge
from sqlalchemy import func, select


@shared_task
def look() -> list[Any]:
    """Return the user that a view has left in ``g``, and whether there is a request."""
    return [g.get("user"), has_request_context()]


@shared_task
def count() -> int:
    """Return how many customers the database has."""
    return db.session.scalar(select(func.count(Customer.id)))


@shared_task
def add_and_count() -> list[int]:
    """Add a customer without a commit, and count in two ways."""
    db.session.add(Customer(email="ada@example.com", language="en"))
    db.session.flush()
    return [count(), count.run()]


@shared_task(base=Task)
def lost() -> str:
    """Need a context that the base class does not open."""
    return current_app.name


def value_of(result: AsyncResult) -> object:
    """Wait for the result, or the error, of a task."""
    return result.get(timeout=30, interval=0.01, propagate=False)


def test_a_task_finds_its_application(app: Flask) -> None:
    assert value_of(charge.delay(1905)) == "1905 EUR"
    assert charge(1905) == f"1905 {app.config['CURRENCY']}"


def test_a_task_in_a_request(app: Flask, lane: str) -> None:
    with app.test_request_context():
        g.user = "ada"
        result = look.delay()
        assert g.user == "ada"
    assert value_of(result) == [None, lane == "eager"]


@pytest.mark.usefixtures("app")
def test_a_session_ends_with_its_task() -> None:
    assert value_of(add_and_count.delay()) == [0, 1]
    assert value_of(count.delay()) == 0


def test_a_view_hides_a_lost_context(app: Flask, lane: str) -> None:
    with app.test_request_context():
        result = lost.delay()
    value = value_of(result)
    if lane == "eager":
        assert value == "shop"
    else:
        assert str(value).startswith("Working outside of application context.")


def test_the_context_ends_with_the_task(app: Flask, finished: Queue[str]) -> None:
    ended: list[object] = []
    app.teardown_appcontext(ended.append)
    charge.delay(0)
    finished.get(timeout=30)
    # The body, on_failure, and the handler of the signal have a context each.
    assert [repr(error) for error in ended] == [
        "ValueError('nothing to charge: 0')",
        "None",
        "None",
    ]
    assert not has_app_context()


def test_a_failure_is_saved(app: Flask, finished: Queue[str]) -> None:
    task_id = charge.delay(0).id
    finished.get(timeout=30)
    with app.app_context():
        failure = db.session.scalars(select(Failure)).one()
    assert (failure.task_id, failure.error) == (task_id, "ValueError('nothing to charge: 0')")


def test_each_run_is_saved(app: Flask, finished: Queue[str]) -> None:
    for cents in (1905, 0):
        charge.delay(cents)
        finished.get(timeout=30)
    with app.app_context():
        runs = db.session.scalars(select(Run).order_by(Run.id)).all()
    assert [(run.name, run.state) for run in runs] == [
        ("shop.tasks.charge", "SUCCESS"),
        ("shop.tasks.charge", "FAILURE"),
    ]

"""Which tasks leave a row, and what is in it."""

import json
from collections.abc import Callable

import pytest
from celery import Task, shared_task
from celery.result import AsyncResult
from config import celery_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_celery_results.models import TaskResult
from shop.customers import order_newsletter
from shop.models import Order, Subscriber
from shop.tasks import make_report, send_receipt

RowOf = Callable[[AsyncResult], TaskResult | None]


@shared_task(ignore_result=False)
def prices() -> set[int]:
    """Return a set, which JSON does not have."""
    return {490}


@shared_task(bind=True)
def call_bank(task: Task) -> None:
    """Succeed at the second try; nobody reads the result."""
    if task.request.retries == 0:
        raise task.retry(countdown=0)


def test_which_tasks_leave_a_row(row_of: RowOf) -> None:
    order = Order.objects.create(email="ada@example.com", year=2026, total_cents=1905)
    assert row_of(make_report.delay(2026)).status == "SUCCESS"
    assert row_of(send_receipt.delay(order.pk)) is None
    assert row_of(send_receipt.delay(order.pk + 1)).status == "FAILURE"
    order.refresh_from_db()
    assert order.receipt_sent


def test_an_extended_row(row_of: RowOf, lane: str) -> None:
    row = row_of(make_report.delay(2026))
    assert row.status == "FAILURE"
    assert json.loads(row.result)["exc_message"] == ["no orders in 2026"]
    assert row.task_name == "shop.tasks.make_report"
    assert row.task_args == {"eager": "[2026]", "worker": '"(2026,)"'}[lane]
    assert row.traceback.endswith("shop.tasks.ReportError: no orders in 2026\n")


@pytest.mark.usefixtures("not_extended")
def test_a_row_that_is_not_extended(row_of: RowOf) -> None:
    row = row_of(make_report.delay(2026))
    assert row.status == "FAILURE"
    assert json.loads(row.result)["exc_message"] == ["no orders in 2026"]
    assert row.task_name is None
    assert row.task_args is None
    assert row.traceback is None


def test_a_report_is_its_row(row_of: RowOf) -> None:
    Order.objects.create(email="ada@example.com", year=2026, total_cents=1905)
    Order.objects.create(email="bob@example.com", year=2026, total_cents=490)
    Order.objects.create(email="bob@example.com", year=2025, total_cents=490)
    row = row_of(make_report.delay(2026))
    assert json.loads(row.result) == {"orders": 2, "total_cents": 2395}
    assert row.worker


def test_the_name_is_in_the_row_only(row_of: RowOf) -> None:
    result = make_report.delay(2026)
    assert row_of(result).task_name == "shop.tasks.make_report"
    assert celery_app.AsyncResult(result.id).name is None


def test_long_arguments_are_cut(row_of: RowOf, lane: str) -> None:
    row = row_of(send_receipt.delay("7" * 2000))
    assert row.task_args.endswith({"eager": '"]', "worker": "...',)\""}[lane])
    assert (len(row.task_args) < 1100) is (lane == "worker")


def test_a_row_does_not_show_the_address(row_of: RowOf, lane: str) -> None:
    row_of(celery_app.AsyncResult(order_newsletter("ada@example.com")))
    assert Subscriber.objects.get().email == "ada@example.com"
    row = row_of(celery_app.AsyncResult(order_newsletter("ada@example.com")))
    assert row.status == "FAILURE"
    assert row.task_args == {"eager": '["ada@example.com"]', "worker": '"(<email>,)"'}[lane]


def test_a_task_that_succeeds_at_the_second_try(row_of: RowOf) -> None:
    result = call_bank.delay()
    assert row_of(result).status == "RETRY"
    assert row_of(result).status == "RETRY"


def test_a_set_is_no_result(row_of: RowOf) -> None:
    row = row_of(prices.delay())
    assert row.status == "FAILURE"
    assert json.loads(row.result)["exc_message"] == [
        "TypeError('Object of type set is not JSON serializable')"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("states", [["SUCCESS"], ["STARTED", "SUCCESS"]])
def test_what_a_result_costs(states: list[str]) -> None:
    with CaptureQueriesContext(connection) as captured:
        for state in states:
            celery_app.backend.store_result("3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11", 7, state)
    statements = [query["sql"].split()[0] for query in captured]
    reads, writes = statements.count("SELECT"), statements.count("INSERT")
    writes += statements.count("UPDATE")
    assert (reads, writes) == (len(states), len(states))

"""The row of a task and the transactions around it."""

from collections.abc import Callable

from celery.result import AsyncResult
from django.db import transaction
from django_celery_results.models import TaskResult
from shop.models import Order
from shop.tasks import import_orders, make_report

RowOf = Callable[[AsyncResult], TaskResult | None]
ROWS = [{"email": "ada@example.com", "year": 2026, "total_cents": 1905}]


def test_a_failure_is_kept_although_the_task_rolled_back(row_of: RowOf) -> None:
    row = row_of(import_orders.delay([*ROWS, {"year": 2026}]))
    assert row.status == "FAILURE"
    assert Order.objects.count() == 0


def test_all_rows_are_imported(row_of: RowOf) -> None:
    assert row_of(import_orders.delay(ROWS)) is None
    assert Order.objects.get().total_cents == 1905


def test_the_caller_rolls_back(row_of: RowOf, lane: str) -> None:
    with transaction.atomic():
        result = make_report.delay(2026)
        if lane == "worker":
            row_of(result)
        transaction.set_rollback(True)
    assert TaskResult.objects.filter(task_id=result.id).exists() is (lane == "worker")

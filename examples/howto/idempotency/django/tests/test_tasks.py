"""Each task runs twice, one after the other or one inside the other."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery, Task
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError
from shop import naive, partners, tasks
from shop.models import Customer, Invoice, Order

Run = Callable[[Task], Any]


def points() -> int:
    """Return the customer's points."""
    return Customer.objects.get().points


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


def test_one_invoice(run: Run, order: Order) -> None:
    first, second = run(tasks.write_invoice), run(tasks.write_invoice)
    invoice = Invoice.objects.get(order=order)
    assert first == second == invoice.pk
    assert str(invoice) == f"invoice {invoice.pk}"


def test_one_charge(run: Run, order: Order) -> None:
    receipt = run(tasks.charge)
    assert run(tasks.charge) == receipt
    assert partners.receipts == {f"order-{order.pk}": receipt}
    assert receipt.startswith("1900 cents, ")


def test_a_run_that_died_after_the_charge(run: Run, order: Order) -> None:
    # The process was killed before it could write the receipt down.
    receipt = partners.charge(f"order-{order.pk}", 1900)
    assert run(tasks.charge) == receipt
    order.refresh_from_db()
    assert order.receipt == receipt


def test_a_transaction_is_over_after_an_error(order: Order) -> None:
    with transaction.atomic():
        Invoice.objects.create(order=order)
        with pytest.raises(
            IntegrityError, match=r"UNIQUE constraint failed: shop_invoice\.order_id"
        ):
            Invoice.objects.create(order=order)
        error = r"^An error occurred in the current transaction\. You can't execute queries"
        with pytest.raises(TransactionManagementError, match=error):
            Invoice.objects.count()
        transaction.set_rollback(True)
    assert Invoice.objects.count() == 0


def test_no_migration_is_missing(celery_app: Celery, transactional_db: None) -> None:
    call_command("makemigrations", "--check", "--dry-run")

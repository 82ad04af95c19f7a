"""The tasks."""

from celery import shared_task
from django.db import transaction
from django.db.models import Count, Sum

from shop.models import Order, Subscriber


class ReportError(Exception):
    """There is nothing to report; the text may be shown to the customer."""


@shared_task(ignore_result=False)
def make_report(year: int) -> dict[str, int]:
    """Add up the orders of a year; raises ReportError without any."""
    report = Order.objects.filter(year=year).aggregate(
        orders=Count("pk"), total_cents=Sum("total_cents")
    )
    if not report["orders"]:
        message = f"no orders in {year}"
        raise ReportError(message)
    return report


@shared_task
def send_receipt(order_id: int) -> None:
    """Note that the receipt is sent; nobody asks how it went."""
    order = Order.objects.get(pk=order_id)
    order.receipt_sent = True
    order.save(update_fields=["receipt_sent"])


@shared_task
def subscribe(email: str) -> None:
    """Enter an address for the newsletter; raises IntegrityError if it is there."""
    Subscriber.objects.create(email=email)


@shared_task
def import_orders(rows: list[dict[str, int | str]]) -> None:
    """Import all rows or none."""
    with transaction.atomic():
        for row in rows:
            Order.objects.create(**row)

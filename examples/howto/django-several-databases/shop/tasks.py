"""What the worker does with orders."""

from audit.models import Entry
from celery import shared_task

from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Note that the receipt is sent."""
    order = Order.objects.get(pk=order_id)
    order.receipt_sent = True
    order.save(update_fields=["receipt_sent"])
    return f"sent to {order.email}"


@shared_task
def confirm_refund(order_id: int, entry_id: int) -> str:
    """Tell the customer of a refund, with the number of its entry."""
    order = Order.objects.get(pk=order_id)
    entry = Entry.objects.get(pk=entry_id)
    return f"told {order.email}: {entry.text}, entry {entry.pk}"


@shared_task
def count_orders() -> int:
    """Count all orders, which may take long and need not be the newest."""
    return Order.objects.using("replica").count()

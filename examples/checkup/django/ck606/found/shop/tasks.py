"""The tasks of the shop."""

from celery import shared_task

from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt to {Order.objects.get(pk=order_id).email}"

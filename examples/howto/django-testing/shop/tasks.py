"""The tasks."""

from celery import shared_task

from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Note that the receipt is sent."""
    order = Order.objects.get(pk=order_id)
    order.receipt_sent = True
    order.save(update_fields=["receipt_sent"])
    return f"sent to {order.email}"

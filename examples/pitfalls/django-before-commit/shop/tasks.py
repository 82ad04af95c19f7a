"""The tasks."""

from celery import shared_task

from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order; raises Order.DoesNotExist if there is none."""
    order = Order.objects.get(pk=order_id)
    return f"sent to {order.email}"

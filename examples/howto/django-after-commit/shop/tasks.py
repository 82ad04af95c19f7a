"""The tasks."""

from celery import shared_task

from shop.models import Order


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order; raises Order.DoesNotExist if there is none."""
    order = Order.objects.get(pk=order_id)
    return f"sent to {order.email}"


@shared_task
def tell_warehouse(order_id: int) -> str:
    """Have an order packed."""
    return f"order {order_id} is packed"


@shared_task
def make_report(year: int) -> str:
    """Write the report of a year."""
    return f"report of {year}"

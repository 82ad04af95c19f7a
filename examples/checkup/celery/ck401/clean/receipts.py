"""The tasks about receipts."""

from celery import shared_task


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt {order_id}"

"""The tasks of a shop."""

from celery import shared_task


@shared_task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""

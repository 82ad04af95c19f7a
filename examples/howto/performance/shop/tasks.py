"""The task."""

from shop.celery_app import celery_app


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt of order {order_id}"

"""A task."""

from shop.celery_app import celery_app


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send a receipt, which takes no time here."""
    return f"receipt {order_id}"

"""A receipt for each order."""

import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt {order_id}"


def pay(order_id: int) -> None:
    """Have the receipt of a paid order sent."""
    send_receipt.s(order_id)

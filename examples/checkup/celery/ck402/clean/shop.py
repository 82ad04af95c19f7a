"""Two tasks with names of their own choice."""

import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task(name="shop.send")
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt {order_id}"


@celery_app.task(name="shop.send_reminder")
def send_reminder(order_id: int) -> str:
    """Remind a customer of an order."""
    return f"reminder {order_id}"

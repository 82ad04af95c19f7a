"""A task that knows how often it was tried."""

import os

from celery import Celery, Task

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task(bind=True, max_retries=5)
def send_receipt(self: Task, order_id: int) -> str:
    """Send the receipt of an order."""
    return f"receipt {order_id}, attempt {self.request.retries + 1}"

"""A shop that sends receipts."""

import os

from celery import Celery

celery_app = Celery("shop", broker=os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0"))
celery_app.conf.task_time_limit = 60


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""

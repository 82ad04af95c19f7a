"""The tasks."""

import time

from shop.celery_app import celery_app


@celery_app.task
def send_receipt(order: int) -> str:
    """Send a receipt."""
    return f"sent receipt {order}"


@celery_app.task
def make_report(seconds: float) -> None:
    """Take long."""
    time.sleep(seconds)

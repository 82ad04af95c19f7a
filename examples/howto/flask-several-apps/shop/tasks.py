"""What the worker does."""

from celery import shared_task
from flask import current_app


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt, and say who wrote to whom."""
    return f"{current_app.config['SENDER']} writes to {email}"

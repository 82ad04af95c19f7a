"""The tasks."""

from shop.celery_app import celery_app
from shop.config import get_settings


@celery_app.task(ignore_result=False)
def send_receipt(email: str) -> str:
    """Send a receipt, and say by which server."""
    return f"wrote to {email} by {get_settings().mail.host}"

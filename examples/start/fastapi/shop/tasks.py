"""What the shop does outside of a request."""

import time

from shop.celery_app import celery_app
from shop.config import settings


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt; raises ValueError for what is not an e-mail address."""
    time.sleep(settings.mail_seconds)  # stands for a slow mail server
    if "@" not in email:
        message = f"not an e-mail address: {email}"
        raise ValueError(message)
    return f"sent to {email}"

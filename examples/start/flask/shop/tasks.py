"""What the shop does outside of a request."""

import time

from celery import shared_task
from flask import current_app


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt; raises ValueError for what is not an e-mail address."""
    time.sleep(current_app.config["MAIL_SECONDS"])  # stands for a slow mail server
    if "@" not in email:
        message = f"not an e-mail address: {email}"
        raise ValueError(message)
    return f"sent to {email}"

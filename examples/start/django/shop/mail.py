"""The mail server of the shop."""

import time

from django.conf import settings


def send(email: str) -> None:
    """Stand for a slow mail server; raises ValueError when it refuses an address."""
    if email.endswith(".invalid"):
        message = f"no mail server for {email}"
        raise ValueError(message)
    time.sleep(settings.MAIL_SECONDS)

"""The tasks of a shop."""

import smtplib

from shop import celery_app


@celery_app.task
def send_receipt(address: str) -> None:
    """Send a receipt."""
    with smtplib.SMTP("127.0.0.1", 1025) as server:
        server.sendmail("shop@example.org", [address], "Subject: Your receipt\r\n\r\nThank you.")

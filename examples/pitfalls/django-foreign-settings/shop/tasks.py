"""The tasks."""

from celery import shared_task


@shared_task(ignore_result=False)
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"

"""Tasks that write to customers."""

from celery import shared_task


@shared_task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"


@shared_task(name="shop.tasks.send_receipt")
def send_receipt_by_old_name(email: str) -> str:
    """Run what the release before has sent, when `shop/tasks.py` was one module."""
    return send_receipt(email)

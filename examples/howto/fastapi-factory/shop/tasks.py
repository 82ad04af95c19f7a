"""The tasks: every Celery app gets a copy of each."""

from celery import Task, shared_task


@shared_task(bind=True)
def send_receipt(self: Task, email: str) -> str:
    """Send a receipt, and say who wrote to whom."""
    return f"{self.app.conf.shop_sender} writes to {email}"

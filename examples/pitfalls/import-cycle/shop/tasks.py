"""A task that needs the Celery app before it exists."""

from make_celery import celery_app


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"

"""Two spellings of settings in one mapping."""

from celery import Celery

celery_app = Celery("shop")
celery_app.config_from_object(
    {
        "broker_url": "redis://127.0.0.1:6379/0",
        "CELERY_RESULT_BACKEND": "redis://127.0.0.1:6379/0",
    }
)


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"


send_receipt.delay("ada@example.com")

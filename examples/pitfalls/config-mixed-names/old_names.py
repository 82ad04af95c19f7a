"""Old names of settings, and one new one."""

from celery import Celery

celery_app = Celery("shop")
celery_app.config_from_object(
    {
        "BROKER_URL": "redis://127.0.0.1:6379/0",
        "CELERY_RESULT_BACKEND": "redis://127.0.0.1:6379/0",
        "task_ignore_result": True,
    }
)


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt."""
    return f"sent to {email}"


send_receipt.delay("ada@example.com")

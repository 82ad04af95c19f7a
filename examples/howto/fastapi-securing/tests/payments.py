"""A task with a secret among its arguments, which no task should have."""

from celery import Task
from shop.celery_app import celery_app


@celery_app.task(bind=True, ignore_result=False, max_retries=1)
def pay(self: Task, token: str) -> str:
    """Pay, at the second attempt."""
    if not self.request.retries:
        raise self.retry(countdown=0)
    return "paid"

"""The tasks."""

from celery import Task

from shop.celery_app import celery_app


@celery_app.task
def heartbeat() -> None:
    """Say, by being done, that beat, the broker and a worker are there."""


@celery_app.task
def send_receipt(order: int) -> None:
    """Send a receipt; those of the orders below 1 fail."""
    if order < 1:
        message = f"no order {order}"
        raise ValueError(message)


@celery_app.task(bind=True, max_retries=2)
def ask_bank(self: Task, order: int) -> None:
    """Ask a bank that answers only the third time."""
    if self.request.retries < self.max_retries:
        raise self.retry(args=(order,), countdown=0)

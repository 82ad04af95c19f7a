"""The tasks."""

from shop import labels
from shop.celery_app import celery_app


@celery_app.task
def print_label(order_id: int) -> None:
    """Print a label, once at most."""
    labels.print_label(order_id)


@celery_app.task(acks_late=True, reject_on_worker_lost=True)
def print_label_surely(order_id: int) -> None:
    """Print a label, once at least."""
    labels.print_label(order_id)


@celery_app.task(autoretry_for=(OSError,), default_retry_delay=1, max_retries=3)
def print_label_on_a_shaky_printer(order_id: int) -> None:
    """Print a label, and try again when the printer does not answer."""
    labels.print_label(order_id)

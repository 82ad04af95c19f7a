"""Tasks of the warehouse."""

from celery import shared_task


@shared_task
def count_stock() -> int:
    """Return the number of books in stock."""
    return 12

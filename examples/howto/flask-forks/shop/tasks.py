"""What the worker does."""

from celery import shared_task

from shop.database import is_inherited


@shared_task
def check_connection() -> str:
    """Say who opened the database connection of the process that runs this."""
    return "opened before the fork" if is_inherited() else "opened by this process"

"""The tasks."""

from celery import shared_task

from shop.clean_up import delete_old_jobs


@shared_task
def tidy() -> int:
    """Delete what the shop does not keep; a second run finds nothing."""
    return delete_old_jobs()

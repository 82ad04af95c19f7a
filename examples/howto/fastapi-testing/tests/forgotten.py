"""Tasks in a module that ``include`` does not name: only the tests import it."""

from time import sleep

from shop.celery_app import celery_app


@celery_app.task(ignore_result=False)
def clean_up() -> str:
    """Clean up."""
    return "cleaned up"


@celery_app.task(ignore_result=False)
def rest() -> str:
    """Take a moment."""
    sleep(0.1)
    return "rested"

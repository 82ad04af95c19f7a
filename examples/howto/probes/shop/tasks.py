"""The tasks."""

import time

from shop.celery_app import celery_app


@celery_app.task
def export(seconds: float) -> str:
    """Take long."""
    time.sleep(seconds)
    return "exported"

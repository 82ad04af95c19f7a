"""A task that says where it runs."""

import os

from shop.celery_app import celery_app
from shop.config import get_settings


@celery_app.task(ignore_result=False)
def where() -> tuple[int, str]:
    """Return the id of the process, and a setting that it has."""
    return os.getpid(), get_settings().sender

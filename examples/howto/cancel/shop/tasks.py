"""The tasks."""

import logging
import time

from shop.celery_app import celery_app

logger = logging.getLogger(__name__)
STEP = 0.1


@celery_app.task
def export(steps: int) -> str:
    """Write a file in steps, and say when it is closed."""
    try:
        for _ in range(steps):
            time.sleep(STEP)
    finally:
        logger.warning("the file is closed")
    return "exported"

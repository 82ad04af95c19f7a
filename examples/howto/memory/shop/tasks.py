"""A task that needs much memory for a moment."""

from shop.celery_app import celery_app


@celery_app.task
def draw(megabytes: int) -> int:
    """Draw a picture of this size, and forget it."""
    picture = bytearray(megabytes * 2**20)
    return len(picture)

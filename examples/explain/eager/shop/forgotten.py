"""A module that ``include`` does not name."""

from shop.celery_app import celery_app


@celery_app.task
def tidy() -> str:
    """Tidy the shop."""
    return "tidy"

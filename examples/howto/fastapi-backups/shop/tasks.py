"""What the shop does outside of a request."""

from shop import backups
from shop.celery_app import celery_app


@celery_app.task(soft_time_limit=3600, time_limit=3660)
def make_backup() -> None:
    """Make a backup; raises what ``backups.make()`` does."""
    backups.make()

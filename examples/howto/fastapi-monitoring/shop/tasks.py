"""The tasks."""

import logging

from shop.celery_app import celery_app

logger = logging.getLogger(__name__)


@celery_app.task
def make_report(year: int) -> None:
    """Report on a year, and have it mailed. Raises ValueError for a year without orders."""
    if year < 2000:  # noqa: PLR2004 (the year in which the shop opened)
        message = f"no orders in {year}"
        raise ValueError(message)
    mail_report.delay(year)


@celery_app.task
def mail_report(year: int) -> None:
    """Mail a report."""
    logger.info("report of %d mailed", year)

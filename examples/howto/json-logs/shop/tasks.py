"""The tasks."""

import logging

from celery import Task

from shop.celery_app import celery_app

logger = logging.getLogger(__name__)


@celery_app.task(bind=True, max_retries=1, default_retry_delay=0)
def make_report(self: Task, year: int) -> None:
    """Report on a year, at the second attempt, and have it mailed."""
    logger.info("report of %d begins", year, extra={"attempt": self.request.retries + 1})
    if not self.request.retries:
        raise self.retry()
    mail_report.delay(year)


@celery_app.task
def mail_report(year: int) -> None:
    """Mail a report."""
    logger.info("report of %d mailed", year)

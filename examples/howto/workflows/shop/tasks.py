"""The steps of a report."""

import logging

from celery.worker.request import Context

from shop.celery_app import celery_app

logger = logging.getLogger(__name__)
MONTHS = 12


@celery_app.task
def close_books(year: int) -> int:
    """Close the books of a year, before anybody adds them up."""
    return year


@celery_app.task
def add_month(year: int, month: int) -> int:
    """Add up a month. Raises ValueError if there is no such month."""
    if month > MONTHS:
        raise ValueError(f"no month {month} in {year}")
    return 100 * month


@celery_app.task
def add_year(months: list[int], year: int) -> str:
    """Add up the months."""
    return f"{year}: {sum(months)}"


@celery_app.task
def tell_people(request: Context, error: Exception, lines: str | None, year: int) -> None:
    """Say that a report has failed; `lines` is the traceback, if there is one."""
    logger.error("report of %s, task %s: %r %s", year, request.id, error, lines or "")


@celery_app.task
def expect_end(result_id: str, year: int) -> None:
    """Say that a report has not ended, if that is so."""
    if not celery_app.AsyncResult(result_id).ready():
        logger.error("the report of %s has not ended", year)

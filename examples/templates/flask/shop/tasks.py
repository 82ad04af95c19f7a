"""What the worker does. Every argument is an id or a plain value, and every task may run twice."""

from calendar import SATURDAY
from datetime import UTC, date, datetime, timedelta

from celery import shared_task
from celery.utils.log import get_task_logger

logger = get_task_logger(__name__)


@shared_task(ignore_result=False)
def make_report(year: int | None = None) -> dict[str, int]:
    """Count the working days of a year, by default of this one. Stands for your slow work.

    Raises ValueError for a year that the calendar does not have.
    """
    if year is None:
        year = datetime.now(UTC).year
    first = date(year, 1, 1)
    days = (date(year, 12, 31) - first).days + 1
    workdays = sum((first + timedelta(days=n)).weekday() < SATURDAY for n in range(days))
    logger.info("%s has %s working days", year, workdays)
    return {"year": year, "workdays": workdays}

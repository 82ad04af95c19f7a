"""The tasks."""

from celery import Task
from opentelemetry import trace

from shop.celery_app import celery_app

tracer = trace.get_tracer(__name__)


@celery_app.task(bind=True, max_retries=1, default_retry_delay=0)
def make_report(self: Task, year: int) -> None:
    """Report on a year, at the second attempt, and have it mailed."""
    if not self.request.retries:
        raise self.retry()
    with tracer.start_as_current_span("add up"):
        total = sum(range(year))
    mail_report.delay(year, total)


@celery_app.task
def mail_report(year: int, total: int) -> str:
    """Mail a report. Raises ValueError for a year without orders."""
    if not total:
        message = f"no orders in {year}"
        raise ValueError(message)
    return f"{year}: {total}"

"""What the worker does."""

from shop.celery_app import celery_app


@celery_app.task
def tidy() -> str:
    """Delete what is old."""
    return "tidy"


@celery_app.task
def make_report(office: str) -> str:
    """Make the report of an office."""
    return f"report for {office}"

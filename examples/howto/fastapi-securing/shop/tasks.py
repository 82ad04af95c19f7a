"""The tasks."""

from shop.celery_app import celery_app


class ReportError(Exception):
    """A report that cannot be made. Its message may be shown to a client."""


def count_orders(year: int) -> int:
    """Count the orders of a year, which were twenty each month."""
    return 0 if year == 2000 else 240  # noqa: PLR2004 (the year in which the shop was empty)


@celery_app.task(ignore_result=False)
def make_report(year: int) -> dict[str, int]:
    """Report on a year. Raises ReportError if there were no orders."""
    orders = count_orders(year)
    if orders == 0:
        message = f"no orders in {year}"
        raise ReportError(message)
    return {"year": year, "orders": orders}

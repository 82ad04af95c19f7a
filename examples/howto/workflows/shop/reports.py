"""Reports: one step after the other, many at once, and one at the end."""

from celery import Signature, chain, chord
from celery.result import AsyncResult

from shop.tasks import MONTHS, add_month, add_year, close_books, expect_end, tell_people

LATEST = 600


def report(year: int, months: list[int]) -> Signature:
    """Return a workflow: close the books, add up the months, then the year."""
    add_up = chord([add_month.si(year, month) for month in months], add_year.s(year))
    return chain(close_books.si(year), add_up).on_error(tell_people.s(year))


def start(year: int) -> AsyncResult:
    """Start the report of a year, and return its last step."""
    result = report(year, list(range(1, MONTHS + 1))).delay()
    expect_end.apply_async((result.id, year), countdown=LATEST)
    return result

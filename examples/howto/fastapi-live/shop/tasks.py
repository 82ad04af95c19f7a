"""What the worker does."""

from celery import Task

from shop.bell import ring
from shop.celery_app import celery_app
from shop.database import Import, Line, new_session
from shop.notifications import notify


@celery_app.task
def make_report(customer_id: int, year: int) -> None:
    """Make a report, and tell the customer."""
    notify(customer_id, f"The report of {year} is ready.")


@celery_app.task(bind=True)
def import_prices(self: Task, prices: list[str]) -> None:
    """Read a price list, and write a line about each price."""
    import_id = self.request.id
    for number, price in enumerate(prices, start=1):
        text = f"{price}: {'imported' if price.isdecimal() else 'not a price'}"
        with new_session.begin() as session:
            session.add(Line(import_id=import_id, number=number, text=text))
        ring(f"import:{import_id}")
    with new_session.begin() as session:
        session.get_one(Import, import_id).finished = True
    ring(f"import:{import_id}")

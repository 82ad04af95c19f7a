"""What the worker does."""

from celery import Task

from shop.celery_app import celery_app
from shop.progress import Progress

PRICES = {"EUR": {"tea": 490, "cup": 1250}}


class PriceListError(Exception):
    """A price list that cannot be made. Its message may be shown to a client."""


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send a receipt. Nobody asks how it went."""
    return f"sent receipt {order_id}"


@celery_app.task(ignore_result=False)
def make_price_list(currency: str) -> dict[str, str]:
    """Return the price of each product, as text.

    Raises PriceListError for an unknown currency.
    """
    if currency not in PRICES:
        message = f"no prices in {currency}"
        raise PriceListError(message)
    return {name: f"{cents / 100:.2f}" for name, cents in PRICES[currency].items()}


@celery_app.task(bind=True, ignore_result=False)
def import_prices(self: Task, cents: list[int]) -> int:
    """Import prices, and return their sum."""
    progress = Progress(self, total=len(cents))
    total = 0
    for done, price in enumerate(cents, start=1):
        total += price
        progress(done)
    return total

"""Tasks of three kinds: short, waiting, and computing."""

import time

from shop.celery_app import celery_app
from shop.config import get_settings


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order, which is quick."""
    return f"sent receipt {order_id}"


@celery_app.task
def make_report(year: int) -> str:
    """Wait for another service to add up a year."""
    time.sleep(get_settings().report_seconds)
    return f"report of {year}"


@celery_app.task
def count_primes(limit: int) -> int:
    """Count the primes below a limit, which keeps a core busy."""
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, limit))

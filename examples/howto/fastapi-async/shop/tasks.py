"""The tasks."""

import asyncio
import time

from shop import loop, partners
from shop.celery_app import celery_app


@celery_app.task
def tell_partners(order_id: int) -> list[str]:
    """Run asynchronous code on an event loop of this task's own."""
    return asyncio.run(partners.tell_all(order_id))


@celery_app.task
def tell_partner(partner: str, order_id: int) -> str:
    """Run asynchronous code on the event loop of this process."""
    return loop.run(partners.tell_one(partner, order_id))


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"sent receipt {order_id}"


@celery_app.task(ignore_result=False)
def make_report(year: int) -> str:
    """Add up a year, which takes its time."""
    time.sleep(0.1)
    return f"report of {year}"

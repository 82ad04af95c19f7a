"""Tasks with one fault each, which eager mode does not show."""

import os
import time
from pathlib import Path

from celery import Task
from celery.exceptions import Reject

from shop import client, late_client
from shop.celery_app import celery_app
from shop.database import connection


class PaymentError(Exception):
    """A payment was refused."""

    def __init__(self, reason: str, order_id: int | None = None) -> None:
        """Remember the order."""
        super().__init__(reason)
        self.order_id = order_id


@celery_app.task
def count_orders() -> tuple[int, int]:
    """Return how many orders are paid, and how many there are."""
    return 2, 3


@celery_app.task
def list_tags() -> set[str]:
    """Return the tags of the shop."""
    return {"new", "sale"}


@celery_app.task(time_limit=0.2)
def make_report() -> str:
    """Take longer than allowed."""
    time.sleep(1.5)
    return "report"


@celery_app.task(bind=True, default_retry_delay=180)
def fetch_rates(self: Task) -> str:
    """Fetch the rates at the second attempt."""
    if self.request.retries == 0:
        raise self.retry(exc=ConnectionError("the bank is closed"))
    return "rates"


@celery_app.task(acks_late=True)
def print_label() -> None:
    """Give the message back when the printer is busy."""
    runs = Path(os.environ["SHOP_RUNS"])
    with runs.open("a", encoding="utf-8") as file:
        file.write("x")
    if runs.stat().st_size == 1:
        raise Reject("the printer is busy", requeue=True)


@celery_app.task
def read_email(order_id: int) -> str:
    """Return the address of an order.

    Raises LookupError if there is no such order.
    """
    row = connection().execute("SELECT email FROM orders WHERE id = ?", (order_id,)).fetchone()
    if row is None:
        message = f"no order {order_id}"
        raise LookupError(message)
    return row[0]


@celery_app.task
def charge(order_id: int) -> None:
    """Raise PaymentError."""
    message = "the card has expired"
    raise PaymentError(message, order_id)


@celery_app.task
def trace() -> str:
    """Send a trace with a client that has a thread."""
    return client.send("hello")


@celery_app.task
def trace_late() -> str:
    """Send a trace with a client that makes its thread when it needs one."""
    return late_client.send("hello")

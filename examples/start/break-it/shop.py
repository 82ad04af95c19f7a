"""A shop: its database, its mail server, its broker, and two tasks."""

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from celery import Celery
from redis import Redis

MAIL = Path("receipts.txt")  # what the mail server has sent: an order in each line

os.environ.pop("CELERY_BROKER_URL", None)  # it would win over celeryconfig.py
app = Celery("shop")
app.config_from_object("celeryconfig")
broker = Redis(unix_socket_path="redis.sock")


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    """Open the database for one transaction."""
    connection = sqlite3.connect("shop.db")
    try:
        with connection:
            yield connection
    finally:
        connection.close()


@app.task(default_retry_delay=1)  # seconds; three minutes is the default
def send_receipt(order_id: int, seconds: float = 2) -> None:
    """Send the receipt of an order, unless its row says that it is sent."""
    with database() as db:
        (sent,) = db.execute("SELECT sent FROM orders WHERE id = ?", [order_id]).fetchone()
    if sent:
        return
    sleep(seconds)  # the mail server is slow
    with MAIL.open("a") as mail:
        mail.write(f"{order_id}\n")
    with database() as db:
        db.execute("UPDATE orders SET sent = 1 WHERE id = ?", [order_id])


@app.task(default_retry_delay=1)
def print_catalog() -> None:
    """Print what takes all memory: the kernel kills the process, each time."""
    os.kill(os.getpid(), signal.SIGKILL)

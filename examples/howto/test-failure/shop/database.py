"""The orders, and which of them are paid."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    """Open the database; commit at the end."""
    connection = sqlite3.connect(os.environ.get("SHOP_DATABASE", "shop.db"))
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def add_order(order_id: int) -> None:
    """Take an order."""
    with transaction() as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, paid INTEGER)"
        )
        connection.execute("INSERT INTO orders VALUES (?, 0)", (order_id,))


def unpaid() -> list[int]:
    """Return the orders that are not paid."""
    with transaction() as connection:
        return [number for (number,) in connection.execute("SELECT id FROM orders WHERE NOT paid")]

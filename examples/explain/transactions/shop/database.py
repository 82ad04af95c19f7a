"""The orders, in SQLite. SQLite itself says what it is asked, and the log has it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

from shop import log

DATABASE = os.environ.get("SHOP_DATABASE", "shop.db")
TABLE = "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT)"


@contextmanager
def connection(process: str) -> Iterator[sqlite3.Connection]:
    """Open a connection, and close it; what is not committed is then rolled back."""
    with closing(sqlite3.connect(DATABASE)) as opened:
        opened.set_trace_callback(partial(trace, process))
        yield opened


def trace(process: str, statement: str) -> None:
    """Note the first word of a statement."""
    log.note(process, statement.split(maxsplit=1)[0])


def create() -> None:
    """Create the table."""
    with closing(sqlite3.connect(DATABASE)) as opened:
        opened.execute(TABLE)


def insert(opened: sqlite3.Connection) -> int:
    """Insert an order, and return its id. The transaction is open afterwards."""
    cursor = opened.execute("INSERT INTO orders (email) VALUES ('ada@example.com')")
    return cursor.lastrowid


def exists(opened: sqlite3.Connection, order_id: int) -> bool:
    """Say whether this connection sees the row."""
    return opened.execute("SELECT 1 FROM orders WHERE id = ?", [order_id]).fetchone() is not None


def count() -> int:
    """Return the number of committed orders."""
    with closing(sqlite3.connect(DATABASE)) as opened:
        return opened.execute("SELECT count(*) FROM orders").fetchone()[0]

"""Orders in SQLite, with one connection for each process, as a framework keeps one for each thread."""

import os
import sqlite3
from functools import cache


@cache
def connection() -> sqlite3.Connection:
    """Return this process's connection, and make the table if there is none."""
    made = sqlite3.connect(os.environ["SHOP_DATABASE"])
    made.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, email TEXT)")
    made.commit()
    return made

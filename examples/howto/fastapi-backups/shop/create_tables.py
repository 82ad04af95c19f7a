"""Make a small database: ``python -m shop.create_tables``."""

import sqlite3
from contextlib import closing

from shop.config import get_settings


def create_tables() -> None:
    """Make a table with three orders, as a server does that keeps the database open."""
    with closing(sqlite3.connect(get_settings().database)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT)")
        database.execute("INSERT INTO orders (customer) VALUES ('Ada'), ('Grace'), ('Mary')")
        database.commit()


if __name__ == "__main__":
    create_tables()

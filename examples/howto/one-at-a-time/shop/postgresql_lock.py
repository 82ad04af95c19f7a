"""A lock in PostgreSQL."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

URL = os.environ.get("DATABASE_URL", "postgresql://shop@127.0.0.1/shop")
LOCK = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """Say whether this process has the lock, and give it back at the end.

    The lock belongs to the connection. Raises psycopg.OperationalError if PostgreSQL
    does not answer.
    """
    with psycopg.connect(URL, autocommit=True, connect_timeout=5) as connection:
        (mine,) = connection.execute(LOCK, [name]).fetchone()
        yield mine

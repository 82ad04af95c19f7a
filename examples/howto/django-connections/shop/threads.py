"""Threads that the shop starts itself."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def square(number: int) -> int:
    """Let the database square a number, in a thread of our own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s * %s", [number, number])
            return cursor.fetchone()[0]
    finally:
        # Nobody else closes what this thread has opened.
        connection.close()


def squares(numbers: list[int]) -> list[int]:
    """Ask for several squares at a time."""
    with ThreadPoolExecutor(max_workers=4) as threads:
        return list(threads.map(square, numbers))

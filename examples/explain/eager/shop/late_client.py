"""The same client, made in the process that uses it."""

from concurrent.futures import ThreadPoolExecutor
from functools import cache


@cache
def thread() -> ThreadPoolExecutor:
    """Return the client's thread, made at the first use: after the fork."""
    return ThreadPoolExecutor(1)


def send(text: str) -> str:
    """Send a text in the client's thread.

    Raises TimeoutError if that takes a second.
    """
    return thread().submit(f"sent: {text}".strip).result(timeout=1)

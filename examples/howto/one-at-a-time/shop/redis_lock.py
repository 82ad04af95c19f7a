"""A lock in Redis."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis

URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
# It connects with the first command, so each process has connections of its own.
client = Redis.from_url(URL, socket_timeout=5)


@contextmanager
def only_one(name: str, seconds: float) -> Iterator[bool]:
    """Say whether this process has the lock, and give it back at the end.

    It is free after some seconds in any case. Raises LockNotOwnedError at the end if
    that has happened, and ConnectionError, both of redis.exceptions, if Redis is away.
    """
    lock = client.lock(f"shop:lock:{name}", timeout=seconds, blocking=False)
    if not lock.acquire():
        yield False
        return
    try:
        yield True
    finally:
        lock.release()

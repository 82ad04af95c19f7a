"""Redis and PostgreSQL in this process, as far as locks need them."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import LockNotOwnedError


class FakeRedis:
    """A Redis server that has locks and flags."""

    def __init__(self) -> None:
        """Begin without any."""
        self.keys: dict[str, object] = {}

    def lock(self, name: str, timeout: float, *, blocking: bool) -> "FakeLock":
        """Return a lock that is not taken yet."""
        assert timeout > 0
        assert not blocking
        return FakeLock(self, name)

    def setnx(self, name: str, value: object) -> bool:
        """Set a key that is not there."""
        if name in self.keys:
            return False
        self.keys[name] = value
        return True

    def delete(self, name: str) -> None:
        """Delete a key."""
        del self.keys[name]


class FakeLock:
    """A lock in Redis; its value is itself."""

    def __init__(self, redis: FakeRedis, name: str) -> None:
        """Remember where."""
        self.redis, self.name = redis, name

    def acquire(self) -> bool:
        """Take it, if it is free."""
        return self.redis.keys.setdefault(self.name, self) is self

    def release(self) -> None:
        """Give it back; raises LockNotOwnedError if somebody else has it."""
        if self.redis.keys.get(self.name) is not self:
            raise LockNotOwnedError("Cannot release a lock that's no longer owned")
        del self.redis.keys[self.name]


class FakePostgresql:
    """A PostgreSQL server that has advisory locks."""

    def __init__(self) -> None:
        """Begin without any."""
        self.locks: set[str] = set()

    @contextmanager
    def connect(self, url: str, *, autocommit: bool, connect_timeout: int) -> Iterator["Session"]:
        """Open a connection; its locks are free when it is closed."""
        assert autocommit
        assert connect_timeout
        session = Session(self)
        try:
            yield session
        finally:
            self.locks -= session.mine


class Session:
    """A connection, and a cursor."""

    def __init__(self, server: FakePostgresql) -> None:
        """Remember the server."""
        self.server = server
        self.mine: set[str] = set()

    def execute(self, statement: str, values: list[str]) -> "Session":
        """Take a lock that is free."""
        assert "pg_try_advisory_lock" in statement
        self.mine = set(values) - self.server.locks
        self.server.locks |= self.mine
        return self

    def fetchone(self) -> tuple[bool]:
        """Say whether it was free."""
        return (bool(self.mine),)

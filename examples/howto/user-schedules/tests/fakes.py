"""Redis in this process, as far as RedBeat needs it."""

from collections.abc import Callable
from typing import Any, Self


class FakeRedis:
    """Hashes, sets and one sorted set."""

    def __init__(self) -> None:
        """Begin without keys."""
        self.hashes: dict[str, dict[str, str]] = {}
        self.sets: dict[str, set[str]] = {}
        self.scores: dict[str, float] = {}

    def pipeline(self) -> "Pipeline":
        """Collect commands."""
        return Pipeline(self)

    def hget(self, key: str, field: str) -> str | None:
        return self.hashes.get(key, {}).get(field)

    def hset(self, key: str, field: str, value: str) -> None:
        self.hashes.setdefault(key, {})[field] = value

    def hsetnx(self, key: str, field: str, value: str) -> None:
        self.hashes.setdefault(key, {}).setdefault(field, value)

    def delete(self, key: str) -> None:
        del self.hashes[key]

    def smembers(self, key: str) -> set[str]:
        return self.sets.get(key, set())

    def sadd(self, key: str, *members: str) -> None:
        self.sets.setdefault(key, set()).update(members)

    def zadd(self, _: str, scores: dict[str, float]) -> None:
        self.scores.update(scores)

    def zrem(self, _: str, member: str) -> None:
        del self.scores[member]

    def zrangebyscore(
        self, _: str, low: object, high: float, start: int = 0, num: int | None = None
    ) -> list[str]:
        least = float(str(low).removeprefix("("))
        beyond = str(low).startswith("(")
        found = [
            (score, member)
            for member, score in self.scores.items()
            if least <= score <= high and not (beyond and score == least)
        ]
        members = [member for _, member in sorted(found)]
        return members[start:] if num is None else members[start : start + num]


class Pipeline:
    """Commands that run together."""

    def __init__(self, redis: FakeRedis) -> None:
        """Begin without commands."""
        self.redis = redis
        self.results: list[Any] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing open."""

    def __getattr__(self, command: str) -> Callable[..., None]:
        """Run a command at once, and keep its result."""
        return lambda *args, **kwargs: self.results.append(
            getattr(self.redis, command)(*args, **kwargs)
        )

    def execute(self) -> list[Any]:
        """Return the results."""
        return self.results

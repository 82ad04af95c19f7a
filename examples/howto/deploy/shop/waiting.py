"""Which tasks wait in Redis: ``python -m shop.waiting celery``. It reads, and takes nothing."""

import json
import os
import sys
from collections import Counter

from redis import Redis


def waiting(redis: Redis, queue: str, prefix: str = "") -> Counter[str]:
    """Count the messages of each task: those in the queue, and those that a worker holds."""
    names: Counter[str] = Counter()
    for message in redis.lrange(f"{prefix}{queue}", 0, -1):
        names[json.loads(message)["headers"]["task"]] += 1
    for held in redis.hvals(f"{prefix}unacked"):
        message, _, routing_key = json.loads(held)
        if routing_key == queue:
            names[message["headers"]["task"]] += 1
    return names


def main() -> None:
    """Print the counts for a queue."""
    options = json.loads(os.environ.get("SHOP_BROKER_TRANSPORT_OPTIONS", "{}"))
    with Redis.from_url(os.environ.get("SHOP_BROKER_URL", "redis://127.0.0.1:6379/0")) as redis:
        counts = waiting(redis, sys.argv[1], options.get("global_keyprefix", ""))
    for name, count in sorted(counts.items()):
        sys.stdout.write(f"{count:6} {name}\n")


if __name__ == "__main__":
    main()

"""Ask a Redis server whether it may be a broker: ``python -m shop.redis_check``."""

import sys

from redis import Redis

from shop.celery_app import celery_app

ALMOST_FULL = 0.8


def problems(redis: Redis) -> list[str]:
    """Say what is wrong with a server.

    INFO is enough for it, also where a provider forbids CONFIG.
    """
    info = redis.info()
    found = []
    if info["maxmemory_policy"] != "noeviction":
        found.append(f"maxmemory-policy is {info['maxmemory_policy']}, not noeviction")
    if info["evicted_keys"]:
        found.append("it has evicted keys")
    if not info["aof_enabled"]:
        found.append("appendonly is no")
    if info["maxmemory"] and info["used_memory"] > ALMOST_FULL * info["maxmemory"]:
        found.append("its memory is almost full")
    return found


def main() -> None:
    """Print the problems, and end with status 1 if there are any."""
    with celery_app.connection_for_write() as connection:
        found = problems(connection.default_channel.client)
    sys.stdout.write("\n".join([*found, ""]) or "ready to be a broker\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()

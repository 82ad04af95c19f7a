"""A program: print the commands that change this example's keys in Redis, until Ctrl+C."""

import sys
from contextlib import suppress

from redis import Redis
from shop.celery_app import PREFIX, REDIS_URL

KEYS = ("celery", "unacked", "unacked_index", "celery-task-meta-")
VERBS = {"LPUSH", "RPUSH", "HSET", "HDEL", "ZADD", "ZREM", "SETEX", "PUBLISH", "SUBSCRIBE"}


def line_for(command: str) -> str | None:
    """Return the verb and the key of a command, or None if it does not change a message or a result."""
    verb, key, *_ = [*command.split(maxsplit=2), "", ""]
    name = key.removeprefix(PREFIX["global_keyprefix"])
    wanted = verb.upper() in VERBS and name != key
    if not wanted or not (name in KEYS or name.startswith(KEYS[-1])):
        return None
    return f"{verb.upper()} {key}"


def main() -> None:
    """Print one line for each command."""
    # Without a timeout: it waits as long as nothing happens.
    with Redis.from_url(REDIS_URL, socket_timeout=None) as redis, redis.monitor() as monitor:
        sys.stdout.write("watching\n")
        sys.stdout.flush()
        for entry in monitor.listen():
            if line := line_for(entry["command"]):
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()

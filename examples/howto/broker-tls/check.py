"""Connect to Redis as a program of the shop would, and say what is wrong.

``python check.py`` pings; ``python check.py KEYS '*'`` tries a command.
"""

import argparse
import os
import sys

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

parser = argparse.ArgumentParser()
parser.add_argument("--url", default=os.environ.get("SHOP_BROKER_URL"))
parser.add_argument("command", nargs="*", default=["PING"])


def check(url: str, command: list[str]) -> object:
    """Return the answer of Redis."""
    with Redis.from_url(url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
        return client.execute_command(*command)


if __name__ == "__main__":
    options = parser.parse_args()
    try:
        sys.stdout.write(f"{check(options.url, options.command)}\n")
    except RedisError as exc:
        sys.exit(f"{type(exc).__name__}\n{str(exc).partition(' (_ssl')[0]}")

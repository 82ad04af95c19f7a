"""Start a Redis server on this machine, with the settings of this folder."""

import os
import sys


def start(port: str) -> None:
    """Become the server."""
    command = ["redis-server", "redis.conf", "--tls-port", port]
    os.execvp(command[0], command)  # noqa: S606 - no shell is in between


if __name__ == "__main__":
    start(sys.argv[-1])  # --port 6380

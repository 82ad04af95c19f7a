"""Start a small Redis with the settings of a cache: ``python -m shop.small_redis``.

Redis's own options may follow.
"""

import subprocess
import sys

# It listens on a socket in this folder, and on no port.
COMMAND = ["redis-server", "--port", "0", "--unixsocket", "redis.sock", "--save", ""]
COMMAND += ["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"]


def main() -> None:
    """Run it until it is stopped, and say when it is ready."""
    command = [*COMMAND, *sys.argv[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        for line in server.stdout or ():
            if "ready to accept connections" in line.lower():
                sys.stdout.write("redis-server is ready\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()

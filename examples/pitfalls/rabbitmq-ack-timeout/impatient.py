"""A RabbitMQ server of its own that waits a second for an acknowledgement, and looks every second."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from kombu import Connection

# Debian's `rabbitmq-server` on the path changes the user; the program behind it does not.
DEBIAN = "/usr/lib/rabbitmq/bin/rabbitmq-server"


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def program(*names: str) -> str:
    """Return the path of the first program that is installed."""
    found = next(filter(None, map(shutil.which, names)), None)
    return found or sys.exit(f"{names[-1]} is missing")


@contextmanager
def impatient_rabbitmq() -> Iterator[str]:
    """Start the server, and return its URL."""
    port, mapper_port = free_port(), free_port()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        listener = f"listeners.tcp.1 = 127.0.0.1:{port}\n"
        (folder / "rabbitmq.conf").write_text(f"{listener}consumer_timeout = 1000\n")
        (folder / "advanced.config").write_text("[{rabbit, [{channel_tick_interval, 1000}]}].\n")
        (folder / "plugins").write_text("[].\n")
        env = os.environ | {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper_port),
            "RABBITMQ_NODENAME": f"impatient{port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        }
        mapper = [program("epmd"), "-port", str(mapper_port), "-address", "127.0.0.1"]
        for command in (mapper, [program(DEBIAN, "rabbitmq-server")]):
            process = stack.enter_context(
                subprocess.Popen(
                    command,
                    env=env,
                    cwd=folder,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,  # the program is a script, which starts another one
                )
            )
            stack.callback(os.killpg, process.pid, signal.SIGKILL)
        url = f"amqp://guest:guest@127.0.0.1:{port}//"
        wait(url)
        yield url


def wait(url: str) -> None:
    """Wait until the server takes connections."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with Connection(url, connect_timeout=2) as connection:
                connection.connect()
        except OSError:
            time.sleep(0.1)
        else:
            return

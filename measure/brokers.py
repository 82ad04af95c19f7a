"""Servers of our own, on free ports of this machine, that a drill may stop, kill and start again.

A drill never touches a service that it has not started itself, so there is nothing of anybody else's to lose.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from measure.processes import kill, start
from verify.services import Missing, postgresql_programs, wait_for, wait_until_it_answers
from verify.shell import free_port

if TYPE_CHECKING:
    from collections.abc import Iterable

START_SECONDS = 60
PERSISTENCE = {
    "none": ["--save", "", "--appendonly", "no"],
    "rdb": [
        "--save",
        "3600 1 300 100 60 10000",
        "--appendonly",
        "no",
    ],  # Debian's and Redis's default
    "aof": ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"],
}
RABBITMQ_PROGRAMS = ("/usr/lib/rabbitmq/bin/rabbitmq-server", "/opt/homebrew/sbin/rabbitmq-server")


class Server:
    """A program that serves; its data are in a folder, so that it finds them when it starts again."""

    command: list[str]
    port: int

    def __init__(self, folder: Path) -> None:
        """Choose a port; the folder is made if it is not there."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables that the program starts with."""
        return dict(os.environ)

    def start(self) -> Self:
        """Start the program, and wait until it answers.

        Raises:
            Missing: if it is not installed, or does not answer in time.

        """
        log = self.folder / "server.log"
        environment = self.environment()
        self.process = start(self.command, log, cwd=self.folder, env=environment, **self.user())
        self.wait()
        return self

    def user(self) -> dict[str, Any]:
        """Return who runs the program, as arguments of Popen."""
        return {}

    def wait(self) -> None:
        """Wait until the program answers."""
        wait_for(self.port)

    def stop(self) -> None:
        """Ask the program to end (SIGTERM), and wait for it."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()
            self.kill()

    def kill(self) -> None:
        """Kill the program and its children (SIGKILL)."""
        if self.process is not None:
            kill(self.process)
            self.process = None

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *exc: object) -> None:
        """Kill it: nobody needs its data any more."""
        self.kill()


class Redis(Server):
    """A Redis server with one kind of persistence: none, rdb or aof."""

    kind = "redis"

    def __init__(self, folder: Path, persistence: str = "none") -> None:
        """Find the program.

        Raises:
            Missing: if it is not installed.

        """
        super().__init__(folder)
        program = shutil.which("redis-server")
        if program is None:
            raise Missing("the program redis-server is missing: apt-get install redis-server")
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(folder)]
        self.command = [program, *where, "--databases", "1000", *PERSISTENCE[persistence]]

    def url(self, database: int = 0) -> str:
        """Return where a database of this server is."""
        return f"redis://127.0.0.1:{self.port}/{database}"

    def wait(self) -> None:
        """Wait until it has read its data."""
        import redis

        super().wait()
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis(port=self.port) as client:
            while True:
                try:
                    client.ping()
                except redis.BusyLoadingError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
                else:
                    return

    def waiting(self, queue: str, database: int = 0) -> Counter[int]:
        """Count the messages of a queue, by the first argument of their tasks, with those in `unacked`."""
        import redis

        with redis.Redis(port=self.port, db=database) as client:
            messages = [json.loads(message) for message in client.lrange(queue, 0, -1)]
            unacked = client.hvals("unacked")
        messages += [json.loads(message)[0] for message in unacked]
        return Counter(number_in(base64.b64decode(message["body"])) for message in messages)

    def unacked(self, database: int = 0) -> int:
        """Count the messages that a worker has taken and not acknowledged."""
        import redis

        with redis.Redis(port=self.port, db=database) as client:
            return client.hlen("unacked")


class RabbitMQ(Server):
    """A RabbitMQ node."""

    kind = "rabbitmq"

    def __init__(self, folder: Path) -> None:
        """Find the program, and start the port mapper that every Erlang node needs.

        Raises:
            Missing: if it is not installed.

        """
        super().__init__(folder)
        # Debian's `rabbitmq-server` on the path changes the user; the program behind it does not.
        found = [path for path in RABBITMQ_PROGRAMS if Path(path).exists()]
        program = found[0] if found else shutil.which("rabbitmq-server")
        mapper = shutil.which("epmd")
        if program is None or mapper is None:
            raise Missing("the program rabbitmq-server is missing: apt-get install rabbitmq-server")
        self.command = [program]
        self.name = f"drill{self.port}@localhost"
        self.mapper_port = free_port()
        self.mapper_command = [mapper, "-port", str(self.mapper_port), "-address", "127.0.0.1"]
        self.mapper: subprocess.Popen[bytes] | None = None
        self.distribution_port = free_port()
        (folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port}\n", encoding="utf-8"
        )
        (folder / "plugins").write_text("[].\n", encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Keep the node and its data to this folder and these ports."""
        return {
            **os.environ,
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.mapper_port),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
        }

    def __enter__(self) -> Self:
        """Start the port mapper and the node."""
        self.mapper = start(self.mapper_command, self.folder / "mapper.log")
        return self.start()

    def __exit__(self, *exc: object) -> None:
        """Kill both."""
        self.kill()
        if self.mapper is not None:
            kill(self.mapper)

    def url(self, database: int = 0) -> str:  # noqa: ARG002 - as Redis.url(); queues tell drills apart
        """Return where the node answers."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def wait(self) -> None:
        """Wait until it takes connections of AMQP; starting takes some seconds."""
        import amqp

        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with amqp.Connection(f"127.0.0.1:{self.port}", connect_timeout=2):
                    return
            except (OSError, amqp.AMQPError) as exc:
                if time.monotonic() > deadline:
                    message = f"RabbitMQ does not answer on port {self.port}: {exc}"
                    raise Missing(message) from None
                time.sleep(0.1)

    def waiting(self, queue: str, database: int = 0) -> Counter[int]:  # noqa: ARG002 - as Redis.waiting()
        """Count the messages of a queue, by the first argument of their tasks; nobody may consume it now."""
        import amqp

        found: Counter[int] = Counter()
        with amqp.Connection(f"127.0.0.1:{self.port}") as connection:
            channel = connection.channel()
            try:
                while message := channel.basic_get(queue):
                    found[number_in(message.body)] += 1
            except amqp.NotFound:  # the queue was never made, or is gone
                return found
            # Closing the connection without an acknowledgement puts them back.
        return found


class PostgreSQL(Server):
    """A PostgreSQL cluster, which keeps what it has committed also when it is killed."""

    def __init__(self, folder: Path) -> None:
        """Make the cluster.

        Raises:
            Missing: if its programs are not installed.

        """
        super().__init__(folder)
        programs = postgresql_programs()
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
        initdb = [
            str(programs / "initdb"),
            "-D",
            str(folder / "data"),
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        subprocess.run(
            [*initdb, "--no-sync"],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.user(),
        )
        options = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "port": self.port,
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        self.command = [str(programs / "postgres"), "-D", str(folder / "data"), *settings]

    def user(self) -> dict[str, Any]:
        """Run as PostgreSQL's own user, where this process is root."""
        if os.geteuid() != 0:
            return {}
        return {"user": "postgres", "group": "postgres", "extra_groups": []}

    def url(self, database: str = "postgres") -> str:
        """Return where a database of this server is."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def wait(self) -> None:
        """Wait until it takes connections, also after it has repaired what a kill has left."""
        wait_until_it_answers(self.url())

    def stop(self) -> None:
        """End it without waiting for its clients (SIGINT, PostgreSQL's fast shutdown)."""
        self._end(signal.SIGINT)


def number_in(body: bytes) -> int:
    """Return the first argument of the task in a message body of JSON."""
    arguments: Iterable[int] = json.loads(body)[0]
    return next(iter(arguments))


def versions(redis: Redis, rabbitmq: RabbitMQ) -> dict[str, str]:
    """Return the versions of both brokers, as they say themselves."""
    import amqp
    from redis import Redis as Client

    with Client(port=redis.port) as client:
        redis_version = str(client.info("server")["redis_version"])
    with amqp.Connection(f"127.0.0.1:{rabbitmq.port}") as connection:
        properties: dict[str, Any] = connection.server_properties
    return {"redis": redis_version, "rabbitmq": str(properties["version"])}


def python_version() -> str:
    """Return the version of Python that runs the drills."""
    return ".".join(map(str, sys.version_info[:3]))

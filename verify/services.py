"""The services of the live lane: found by their URLs, each run in a corner of its own.

`DATABASE_URL`, `REDIS_URL` and `AMQP_URL` name them; without these, their usual loopback ports are tried.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from verify.needs import SERVICES
from verify.shell import free_port

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START_SECONDS = 20
PORTS = {"amqp": 5672, "postgresql": 5432, "redis": 6379}
# For each service: the variable that names it, where it is usually, and how to start it.
WHERE = {
    "postgresql": (
        "DATABASE_URL",
        "postgresql://postgres@127.0.0.1:5432/postgres",
        "docker run --rm -p 127.0.0.1:5432:5432 -e POSTGRES_HOST_AUTH_METHOD=trust postgres",
    ),
    "redis": (
        "REDIS_URL",
        "redis://127.0.0.1:6379/0",
        "docker run --rm -p 127.0.0.1:6379:6379 redis",
    ),
    "rabbitmq": (
        "AMQP_URL",
        "amqp://guest:guest@127.0.0.1:5672//",
        "docker run --rm -p 127.0.0.1:5672:5672 rabbitmq",
    ),
}


class Missing(Exception):
    """A service that does not answer; the message says how to start it."""


def url_of(service: str) -> str:
    """Return where a service answers.

    Raises:
        Missing: if nothing listens there.

    """
    variable, usual, start = WHERE[service]
    url = os.environ.get(variable) or usual
    parts = urlsplit(url)
    try:
        port = parts.port or PORTS[parts.scheme]
        with socket.create_connection((parts.hostname or "127.0.0.1", port), 3):
            return url
    except OSError as exc:
        where = f"{parts.hostname}:{parts.port}"
        raise Missing(
            f"{SERVICES[service]} does not answer at {where} ({exc}). Start it: {start}\n"
            f"or say where it is: {variable}={usual.replace('guest:guest@', 'user:password@')}"
        ) from None


@contextlib.contextmanager
def database(url: str) -> Iterator[str]:
    """Make a database for this run, and drop it at the end."""
    import psycopg
    from psycopg import sql

    name = f"celery_web_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


@contextlib.contextmanager
def redis_server(clients: int) -> Iterator[str]:
    """Start a Redis server that allows few clients, and end it.

    Raises:
        Missing: if its program is not installed, or does not answer.

    """
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("the program redis-server is missing: apt-get install redis-server")
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    command += ["--maxclients", str(clients)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


def wait_for(port: int) -> None:
    """Wait until a server that was just started listens on a port of this machine.

    Raises:
        Missing: if it does not in time.

    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise Missing(f"nothing listens on port {port} after {START_SECONDS} s")


@contextlib.contextmanager
def provide(wanted: Iterable[str]) -> Iterator[dict[str, tuple[str, str]]]:
    """Provide services; return the variable that names each, and its URL.

    Raises:
        Missing: if one does not answer.

    """
    with contextlib.ExitStack() as stack:
        provided = {}
        for service in sorted(wanted):
            if service == "redis-16-clients":
                provided[service] = ("REDIS_URL", stack.enter_context(redis_server(16)))
                continue
            url = url_of(service)
            if service == "postgresql":
                url = stack.enter_context(database(url))
            provided[service] = (WHERE[service][0], url)
        yield provided

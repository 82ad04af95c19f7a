"""The services of the live lane: found by their URLs, each run in a corner of its own.

`DATABASE_URL`, `REDIS_URL` and `AMQP_URL` name them; without these, their usual loopback ports are tried.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from verify.needs import SERVICES
from verify.shell import free_port, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

START_SECONDS = 20
HERE = {"127.0.0.1", "localhost", "::1"}
CORNER = re.compile(
    r"celery_web_(?P<pid>\d+)_\d+(?:_.*)?"
)  # a database or a virtual host: a run's process id, a number, what a page adds


class Missing(Exception):
    """A service that does not answer; the message says how to start it."""


def url_of(service: str) -> str:
    """Return where a service answers.

    Raises:
        Missing: if nothing listens there.

    """
    known = SERVICES[service]
    url = os.environ.get(known.variable) or known.url
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or urlsplit(known.url).port
    try:
        with socket.create_connection((host, port), 3):
            return url
    except OSError as exc:
        example = known.url.replace("guest:guest@", "user:password@")
        raise Missing(
            f"{known.name} does not answer at {host}:{port} ({exc}). Start it: {known.start}\n"
            f"or say where it is: {known.variable}={example}"
        ) from None


def drop_databases_of_dead_runs(url: str) -> None:
    """Drop what runs have left that were killed with SIGKILL; only a server on this machine knows their processes."""
    import psycopg
    from psycopg import sql

    if urlsplit(url).hostname not in HERE:
        return
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT datname FROM pg_database").fetchall()
        for (name,) in found:
            match = CORNER.fullmatch(name)
            if match and not Path(f"/proc/{match['pid']}").exists() and Path("/proc/self").exists():
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))


def rabbitmqctl(*words: str) -> str | None:
    """Run RabbitMQ's own program on this machine; return what it prints, or None if it is missing or may not."""
    program = shutil.which("rabbitmqctl")
    if program is None:
        return None
    run = subprocess.run([program, "--quiet", *words], capture_output=True, text=True, check=False)
    return run.stdout if run.returncode == 0 else None


@contextlib.contextmanager
def virtual_host(url: str, number: int = 0) -> Iterator[str]:
    """Make a virtual host for this run, and delete it with all that is in it; also those of runs that were killed.

    On another machine, and for a user who may not, it is the one of the URL.
    """
    parts = urlsplit(url)
    known = rabbitmqctl("list_vhosts", "name") if parts.hostname in HERE else None
    if known is None:
        yield url
        return
    for name in known.split():
        match = CORNER.fullmatch(name)
        if match and Path("/proc/self").exists() and not Path(f"/proc/{match['pid']}").exists():
            rabbitmqctl("delete_vhost", name)
    name = f"celery_web_{os.getpid()}_{number}"
    rabbitmqctl("add_vhost", name)
    try:
        rabbitmqctl("set_permissions", "-p", name, parts.username or "guest", ".*", ".*", ".*")
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        rabbitmqctl("delete_vhost", name)


@contextlib.contextmanager
def database(url: str, number: int) -> Iterator[str]:
    """Make a database for one page of this run, and drop it at the end."""
    import psycopg
    from psycopg import sql

    name = f"celery_web_{os.getpid()}_{number}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            connection.execute(drop)


def postgresql_programs() -> Path:
    """Return the folder of `initdb` and `postgres`; Debian keeps them off the path.

    Raises:
        Missing: if they are not installed.

    """
    if found := shutil.which("postgres"):
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not folders:
        raise Missing("the programs initdb and postgres are missing: apt-get install postgresql")
    return folders[-1].parent


@contextlib.contextmanager
def tls_database() -> Iterator[str]:
    """Start a PostgreSQL server with TLS and a certificate made on the spot, and end it.

    Raises:
        Missing: if its programs are not installed, or it does not answer.

    """
    programs, port = postgresql_programs(), free_port()
    with temporary_folder() as folder:
        where: dict[str, Any] = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": folder,
        }
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres", "postgres")
            where |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        data, certificate, key = folder / "data", folder / "server.crt", folder / "server.key"
        initdb: list[Any] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "--no-sync",
        ]
        subprocess.run(initdb, check=True, **where)
        # openssl makes the key readable for its owner only, as PostgreSQL demands.
        openssl = ["openssl", "req", "-new", "-x509", "-days", "2", "-nodes"]
        openssl += ["-subj", "/CN=localhost", "-out", str(certificate), "-keyout", str(key)]
        subprocess.run(openssl, check=True, **where)
        options = {
            "fsync": "off",
            "listen_addresses": "127.0.0.1",
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": key,
            "unix_socket_directories": "",
        }
        settings = [f"--{name}={value}" for name, value in options.items()]
        command: list[Any] = [programs / "postgres", "-D", data, "-p", str(port), *settings]
        with subprocess.Popen(command, **where) as server:
            try:
                url = f"postgresql://postgres@127.0.0.1:{port}/postgres?sslmode=require"
                wait_until_it_answers(url)
                yield url
            finally:
                server.send_signal(signal.SIGINT)  # without waiting for clients
                server.wait()


def wait_until_it_answers(url: str) -> None:
    """Wait until a PostgreSQL server that was just started takes connections.

    Raises:
        Missing: if it does not in time.

    """
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError as exc:
            if time.monotonic() > deadline:
                raise Missing(f"PostgreSQL with TLS does not answer: {exc}") from None
            time.sleep(0.05)
        else:
            return


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
def provide(wanted: Mapping[str, Iterable[str]]) -> Iterator[dict[str, dict[str, str]]]:
    """Provide services: for each page that wants some, the variables that name them, with their URLs.

    Raises:
        Missing: if one does not answer.

    """
    with contextlib.ExitStack() as stack:
        # One server for all pages: starting it takes a second.
        shared = {}
        names = set().union(*wanted.values())
        if "redis-16-clients" in names:
            shared["redis-16-clients"] = stack.enter_context(redis_server(16))
        if "postgresql-tls" in names:
            shared["postgresql-tls"] = stack.enter_context(tls_database())
        for name in names - shared.keys():
            shared[name] = url_of(name)
        if "rabbitmq" in shared:
            shared["rabbitmq"] = stack.enter_context(virtual_host(shared["rabbitmq"]))
        if "postgresql" in shared:
            drop_databases_of_dead_runs(shared["postgresql"])
        provided: dict[str, dict[str, str]] = {}
        for number, (page, services) in enumerate(wanted.items()):
            provided[page] = {}
            for name in services:
                url = shared[name]
                if name == "postgresql":
                    url = stack.enter_context(database(url, number))
                provided[page][SERVICES[name].variable] = url
        yield provided

"""What a run leaves behind that was killed with SIGKILL, the next one drops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import kombu
import psycopg
import pytest
import redis

from measure.leftovers import delete_of_dead_runs, deleted_afterwards
from verify.services import (
    drop_databases_of_dead_runs,
    rabbitmqctl,
    url_of,
    virtual_host,
)


def databases(connection: psycopg.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def test_databases_of_dead_runs_are_dropped(request: pytest.FixtureRequest) -> None:
    if not request.config.option.live:
        pytest.skip("needs PostgreSQL: nox -s live runs it")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left, in_use = f"celery_web_{dead.pid}_0", f"celery_web_{os.getpid()}_900"
    url = url_of("postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        for name in (left, in_use):
            connection.execute(f"CREATE DATABASE {name}")
        try:
            drop_databases_of_dead_runs(url)
            assert databases(connection) & {left, in_use} == {in_use}
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {left}")
            connection.execute(f"DROP DATABASE {in_use}")


def test_virtual_hosts_of_dead_runs_are_deleted(request: pytest.FixtureRequest) -> None:
    if not request.config.option.live:
        pytest.skip("needs RabbitMQ: nox -s live runs it")
    if (before := rabbitmqctl("list_vhosts", "name")) is None:
        pytest.skip("rabbitmqctl is missing, or may not be used: the virtual host of AMQP_URL is")
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = f"celery_web_{dead.pid}_0"
    rabbitmqctl("add_vhost", left)
    with virtual_host(url_of("rabbitmq"), 900) as url:
        assert url.endswith(f"/celery_web_{os.getpid()}_900")
        with kombu.Connection(url) as connection:
            connection.default_channel.queue_declare("left")
        now = set((rabbitmqctl("list_vhosts", "name") or "").split())
        assert now - set(before.split()) == {f"celery_web_{os.getpid()}_900"}
    assert set((rabbitmqctl("list_vhosts", "name") or "").split()) == set(before.split())


KILLED = """
import json, os, signal, sys
from pathlib import Path
from celery import Celery
from measure.leftovers import deleted_afterwards

settings = json.loads(sys.argv[1])
with deleted_afterwards(settings, Path(sys.argv[2])):
    app = Celery("shop")
    app.conf.update(settings)
    app.send_task("shop.tasks.tidy")
    app.backend.store_result("an-id", None, "SUCCESS")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def made(broker: str) -> dict[str, Any]:
    """Return settings with names of their own."""
    name = f"leftovers_{os.getpid()}_{broker}"
    prefix = {"global_keyprefix": f"{name}_"}
    names = ("task_default_queue", "task_default_exchange", "task_default_routing_key")
    return {
        "broker_url": url_of(broker),
        "result_backend": url_of("redis"),
        "result_backend_transport_options": prefix,
        **({"broker_transport_options": prefix} if broker == "redis" else {}),
        **(dict.fromkeys(names, name) if broker == "rabbitmq" else {}),
        "control_exchange": f"{name}_control",
        "event_exchange": f"{name}_event",
    }


def left(settings: dict[str, Any]) -> set[str]:
    """Return what is there: keys of Redis, `queue` for the one in RabbitMQ."""
    prefix = settings["result_backend_transport_options"]["global_keyprefix"]
    with redis.Redis.from_url(settings["result_backend"], decode_responses=True) as client:
        found = {key.removeprefix(prefix) for key in client.scan_iter(f"{prefix}*")}
    if "task_default_queue" in settings:
        with kombu.Connection(settings["broker_url"]) as connection:
            channel = connection.default_channel
            try:
                channel.queue_declare(settings["task_default_queue"], passive=True)
            except connection.channel_errors:
                return found
        found.add("queue")
    return found


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_keys_and_queues_of_dead_runs_are_deleted(
    broker: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if not request.config.option.live:
        pytest.skip("needs Redis and RabbitMQ: nox -s live runs it")
    settings = made(broker)
    command = [sys.executable, "-c", KILLED, json.dumps(settings), str(tmp_path)]
    run = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
    assert run.returncode == -signal.SIGKILL
    message = "celery" if broker == "redis" else "queue"
    assert left(settings) >= {message, "celery-task-meta-an-id"}
    with deleted_afterwards({}, tmp_path):  # a run that goes on
        delete_of_dead_runs(tmp_path)
        assert left(settings) == set()
        (note,) = tmp_path.iterdir()
        assert note.name.startswith(f"{os.getpid()}-")
    assert list(tmp_path.iterdir()) == []

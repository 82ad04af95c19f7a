"""A corner of a shared Redis or RabbitMQ: names of this run only, which are deleted at the end."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from measure.bench.tasks import Marks
from measure.leftovers import deleted_afterwards
from measure.processes import Program
from verify.services import url_of

ROOT = Path(__file__).parents[2]
SECONDS = 60  # until a program is ready, also on a busy machine
BROKERS = {"redis": "Redis", "rabbitmq": "RabbitMQ"}
DROPPED = ("CELERY_", "BENCH_", "DJANGO_", "FLASK_", "SHOP_")
NUMBERS = count()


class FailedError(Exception):
    """A program did not do what it should, or not in time; the message has what it printed."""


def until(condition: Callable[[], bool], program: Program, seconds: float = SECONDS) -> None:
    """Wait until something has happened.

    Raises:
        FailedError: if it has not, or the program has ended.

    """
    deadline = time.monotonic() + seconds
    while not condition():
        ended = program.process.poll() is not None
        if ended or time.monotonic() > deadline:
            log = program.log.read_text(encoding="utf-8", errors="replace")[-3000:]
            raise FailedError(f"{'it has ended' if ended else f'not in {seconds} s'}:\n{log}")
        time.sleep(0.01)


@contextlib.contextmanager
def corner(broker: str, **settings: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as Celery's
    """Give Celery settings with names of their own, and delete afterwards what was made with them.

    `result_backend="redis"` keeps results in Redis; `broker_transport_options` are added to ours.
    """
    name = f"bench_{os.getpid()}_{next(NUMBERS)}"
    prefix = {"global_keyprefix": f"{name}_"}
    own: dict[str, Any] = {"broker_url": url_of(broker), "worker_hijack_root_logger": False}
    if broker == "redis":
        settings["broker_transport_options"] = {
            **prefix,
            **settings.get("broker_transport_options", {}),
        }
        # Only to have the keys deleted: nothing subscribes to it while results are ignored.
        cleaned = {"result_backend": own["broker_url"], "result_backend_transport_options": prefix}
    else:
        names = ("task_default_queue", "task_default_exchange", "task_default_routing_key")
        own |= dict.fromkeys(names, f"{name}_tasks")
        names = ("control_exchange", "event_exchange", "event_queue_prefix")
        own |= {setting: f"{name}_{setting}" for setting in names}
        cleaned = dict(own)
    if settings.get("result_backend") == "redis":
        settings["result_backend"] = url_of("redis")
        settings["result_backend_transport_options"] = prefix
        cleaned |= {
            key: settings[key] for key in ("result_backend", "result_backend_transport_options")
        }
    with deleted_afterwards(cleaned):
        yield {**own, **settings}


def environment(**variables: str) -> dict[str, str]:
    """Return the environment of a program: without what could change Celery's settings."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(DROPPED)}
    return {**kept, "PYTHONUNBUFFERED": "1", **variables}


@contextlib.contextmanager
def worker(
    settings: dict[str, Any], options: str, folder: Path, marks: int
) -> Iterator[tuple[Program, Marks, float]]:
    """Start a worker; give it, its marks, and when it was started. Mark 0 is set when it is ready."""
    number = next(NUMBERS)
    path = folder / f"marks{number}"
    shared = Marks(path, marks + 1)
    variables = environment(
        BENCH_SETTINGS=json.dumps(settings), BENCH_MARKS=str(path), PYTHONPATH=str(ROOT)
    )
    command = [sys.executable, "-m", "celery", "-A", "measure.bench.tasks", "worker"]
    command += ["--hostname", f"bench{number}@localhost", "--loglevel", "ERROR", *options.split()]
    began = time.monotonic()
    with Program(command, folder, variables, folder / f"worker{number}.log") as program:
        yield program, shared, began
    path.unlink()

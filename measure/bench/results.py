"""How long a program waits for one result: `.get()`, Redis pub/sub by hand, and asking again and again."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import redis
from celery import Celery, uuid

from measure.bench.corner import corner, until, worker
from measure.bench.numbers import Cell, Chart, Found, Row, Size
from measure.bench.tasks import make_app

NAME = "results"
OPTIONS = "--pool threads --concurrency 4 --without-mingle"
POLLS = {"poll-10": 0.01, "poll-100": 0.1, "poll-500": 0.5}  # seconds between two questions
METHODS = {
    "get": ".get()",
    "pubsub": "Redis pub/sub, subscribed before",
    "poll-10": "ready() every 10 ms",
    "poll-100": "ready() every 100 ms",
    "poll-500": "ready() every 500 ms",
}
LENGTHS = {"quick": ("A task that does nothing", 0.0), "slow": ("A task of 50 ms", 0.05)}
CHARTS = (
    Chart(
        "results",
        "From .delay() to the result in the hands of the caller",
        "ms",
        "less",
        "One result after the other, worker and Redis on this machine. Median of the rounds' medians.",
        tuple(
            Row(f"{length}-{method}", label, title, base=f"{length}-get")
            for length, (title, _) in LENGTHS.items()
            for method, label in METHODS.items()
        ),
    ),
)


def cells(size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:
    """Start one worker, and return the cells."""
    settings = stack.enter_context(corner("redis", result_backend="redis"))
    program, marks, _ = stack.enter_context(worker(settings, OPTIONS, folder, size.results))
    app = make_app(settings)
    stack.callback(app.close)
    client = stack.enter_context(redis.Redis.from_url(settings["result_backend"]))
    prefix = settings["result_backend_transport_options"]["global_keyprefix"]
    waits: dict[str, Callable[[float], Any]] = {
        "get": partial(wait_get, app),
        "pubsub": partial(wait_pubsub, app, client, prefix),
        **{name: partial(wait_poll, app, pause) for name, pause in POLLS.items()},
    }
    for length, (title, seconds) in LENGTHS.items():
        for method, label in METHODS.items():
            count = size.slow_results if POLLS.get(method, 0) > 0.05 else size.results  # noqa: PLR2004
            run = partial(measure, f"{length}-{method}", waits[method], seconds, count)
            yield Cell(f"{title}: {label}", run, small=length == "quick")
    until(lambda: marks.get(0) > 0, program)


def wait_get(app: Celery, seconds: float) -> None:
    """Wait as Celery does."""
    app.tasks["work"].delay(1, seconds).get(timeout=10)


def wait_poll(app: Celery, pause: float, seconds: float) -> None:
    """Ask again and again."""
    result = app.tasks["work"].delay(1, seconds)
    while not result.ready():
        time.sleep(pause)
    result.forget()


def wait_pubsub(app: Celery, client: redis.Redis, prefix: str, seconds: float) -> None:
    """Listen to the channel on which the result backend announces the result."""
    task_id = uuid()
    with client.pubsub(ignore_subscribe_messages=True) as listener:
        listener.subscribe(f"{prefix}celery-task-meta-{task_id}")
        app.tasks["work"].apply_async((1, seconds), task_id=task_id)
        while (message := listener.get_message(timeout=10)) is None:
            pass
        assert json.loads(message["data"])["status"] == "SUCCESS"  # noqa: S101 - or the time is wrong


def measure(name: str, wait: Callable[[float], Any], seconds: float, count: int) -> Found:
    """Wait for one result after the other."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        wait(seconds)
        times.append(time.perf_counter() - began)
    return {("results", name): (1000 * statistics.median(times), count)}

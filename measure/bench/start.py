"""How long a start takes: imports in a new interpreter, and a worker until it is ready."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from measure.bench.corner import BROKERS, corner, environment, until, worker
from measure.bench.numbers import Cell, Chart, Found, Row, Size

NAME = "start"
IMPORTS = {
    "celery": ("Celery()", "from celery import Celery; Celery()"),
    "redis": ("… and its Redis transport", "from celery import Celery; import kombu.transport.redis"),
    "amqp": ("… and its RabbitMQ transport", "from celery import Celery; import kombu.transport.pyamqp"),
    "flask": ("Flask, without Celery", "import flask; flask.Flask('shop')"),
    "django": (
        "Django with setup(), without Celery",
        "import django.conf; django.conf.settings.configure(); django.setup()",
    ),
    "fastapi": ("FastAPI, without Celery", "import fastapi; fastapi.FastAPI()"),
}  # fmt: skip
POOLS = {
    "prefork": ("prefork -c 2", "--pool prefork --concurrency 2"),
    "prefork-alone": ("prefork -c 2 --without-mingle", "--pool prefork -c 2 --without-mingle"),
    "threads": ("threads -c 2", "--pool threads --concurrency 2"),
    "solo": ("solo", "--pool solo"),
}
TIMES = 4  # interpreters a round: one start says little
CHARTS = (
    Chart(
        "imports",
        "What an import adds to the start of a Python process",
        "ms",
        "less",
        f"The fastest of {TIMES} new interpreters, less the fastest that imports nothing; median of the rounds.",
        tuple(Row(name, label) for name, (label, _) in IMPORTS.items()),
    ),
    Chart(
        "worker-start",
        "From the command to a worker that is ready",
        "s",
        "less",
        "No task is waiting. Median of the rounds; the line is their range.",
        tuple(
            Row(f"{broker}-{pool}", label, title, base=f"{broker}-prefork")
            for broker, title in BROKERS.items()
            for pool, (label, _) in POOLS.items()
        ),
    ),
)


def cells(size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:  # noqa: ARG001
    """Return the cells."""
    for name, (label, code) in IMPORTS.items():
        run = partial(measure_import, name, code)
        yield Cell(f"import: {label}", run, small=name in {"celery", "django"})
    for broker, title in BROKERS.items():
        for pool, (label, options) in POOLS.items():
            run = partial(measure_worker, broker, pool, options, folder)
            yield Cell(f"worker: {title}, {label}", run, small=pool in {"prefork", "solo"})


def seconds_of(code: str) -> float:
    """Return the seconds of the fastest interpreter that runs this."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=environment())
        times.append(time.perf_counter() - began)
    return min(times)


def measure_import(name: str, code: str) -> Found:
    """Compare with an interpreter that imports nothing."""
    bare = seconds_of("pass")
    return {("imports", name): (1000 * (seconds_of(code) - bare), TIMES)}


def measure_worker(broker: str, pool: str, options: str, folder: Path) -> Found:
    """Start a worker, and wait until it is ready."""
    with (
        corner(broker) as settings,
        worker(settings, options, folder, 0) as (program, marks, began),
    ):
        until(lambda: marks.get(0) > 0, program)
        return {("worker-start", f"{broker}-{pool}"): (marks.get(0) - began, 1)}

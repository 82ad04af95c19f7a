"""Requests that send a task, in three frameworks: naive and recommended, with Redis near, 20 ms away, and dead.

The shops are those of examples/howto/performance, which the page shows.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from measure.bench.corner import NUMBERS, ROOT, SECONDS, FailedError, environment, until
from measure.bench.numbers import Cell, Chart, Found, Row, Size, percentile
from measure.leftovers import deleted_afterwards
from measure.processes import Program
from measure.proxy import Proxy
from verify.services import url_of
from verify.shell import free_port

NAME = "shops"
PROJECT = ROOT / "examples" / "howto" / "performance"
FAR = 0.010  # seconds each way
WARM = 4.0  # seconds of requests before Redis dies
FORMS = ("naive", "recommended")
SERIES = ("recommended", "naive")  # the first is plain in a chart
AT_ONCE = 8  # requests, when the broker is dead: as many as gunicorn has threads here
PLACES = {"near": "Redis on this machine", "far": "Redis 20 ms away"}
FAULTS = {"refused": "Redis refuses connections", "silent": "Redis takes them and says nothing"}


@dataclass(frozen=True)
class Framework:
    """How a shop runs, and how many clients it has."""

    title: str
    server: str
    threads: int
    connections: int
    labels: tuple[str, str] = ("default settings", "the settings above")


GUNICORN = "gunicorn --no-control-socket --keep-alive 60 --threads 8 --log-level error"
FRAMEWORKS = {
    "flask": Framework("Flask", f"{GUNICORN} --bind 127.0.0.1:{{port}}", 8, 8),
    "django": Framework("Django", f"{GUNICORN} --bind 127.0.0.1:{{port}}", 8, 8),
    "fastapi": Framework(
        "FastAPI",
        "uvicorn --no-access-log --log-level error --port {port}",
        40,
        32,
        ("async def, default settings", "def, the settings above"),
    ),
}


def rows_of(*, compare: bool = True) -> tuple[Row, ...]:
    """Return rows for each framework and form; `compare` the second with the first."""
    return tuple(
        Row(
            f"{framework}-{form}",
            label,
            known.title,
            base=f"{framework}-naive" if compare else "",
            kind=form,
        )
        for framework, known in FRAMEWORKS.items()
        for form, label in zip(FORMS, known.labels, strict=True)
    )


CLIENTS = (
    "A closed loop: 8 clients for Flask and Django (gunicorn, one process with 8 threads), 32 for FastAPI (uvicorn, "
    "one process). Median of the rounds; the line is their range."
)
CHARTS = (
    *(
        Chart(
            f"shops-{place}",
            f"Requests that send a task, {title}",
            "requests/s",
            "more",
            CLIENTS,
            rows_of(),
            SERIES,
        )
        for place, title in PLACES.items()
    ),
    *(
        Chart(
            f"others-{place}",
            f"What 99 of 100 requests to another page take at most meanwhile, {title}",
            "ms",
            "less",
            "One request every 20 ms, during the load above. Median of the rounds; the line is their range.",
            rows_of(),
            SERIES,
        )
        for place, title in PLACES.items()
    ),
    *(
        Chart(
            f"dead-{fault}{who}",
            f"The longest that {asks} waits: {title}",
            "s",
            "less",
            "Redis was there before. Eight clients send a task, and again a second after each answer; another one asks "
            "for the other page every half second. Median of the rounds.",
            rows_of(compare=False),
            SERIES,
        )
        for fault, title in FAULTS.items()
        for who, asks in (("", "a request that sends a task"), ("-others", "another page"))
    ),
)


@contextlib.contextmanager
def shop(framework: str, form: str, redis: str, folder: Path) -> Iterator[tuple[Program, int]]:
    """Run a shop; give its program and its port. Its messages are deleted at the end."""
    known, port, number = FRAMEWORKS[framework], free_port(), next(NUMBERS)
    prefix = f"bench_{os.getpid()}_{number}_"
    variables = environment(
        SHOP_FORM=form,
        SHOP_PREFIX=prefix,
        SHOP_REDIS_URL=redis,
        SHOP_THREADS=str(known.threads),
        PYTHONPATH=str(PROJECT),
    )
    server = known.server.format(port=port).split()
    command = [sys.executable, "-m", *server, f"shop.{framework}_app:app"]
    options = {"global_keyprefix": prefix}
    made = {"result_backend": url_of("redis"), "result_backend_transport_options": options}
    log = folder / f"web{number}.log"
    with deleted_afterwards(made), Program(command, folder, variables, log) as program:
        yield program, port


def listens(port: int) -> bool:
    """Say whether somebody listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def started(stack: ExitStack, redis: str, folder: Path, size: Size) -> dict[tuple[str, str], int]:
    """Start each framework in each form, side by side; return their ports when all of them answer."""
    shops = {
        (framework, form): stack.enter_context(shop(framework, form, redis, folder))
        for framework in FRAMEWORKS
        if framework != "django" or size.name != "small"  # it is much like Flask
        for form in FORMS
    }
    for program, port in shops.values():
        until(partial(listens, port), program)
    return {key: port for key, (_, port) in shops.items()}


def clients(**job: Any) -> dict[str, Any]:  # noqa: ANN401 - see load.py
    """Run the clients of a shop as a program of their own, and return what they saw."""
    command = [sys.executable, "-m", "measure.bench.load", json.dumps(job)]
    try:
        run = subprocess.run(
            command,
            cwd=ROOT,
            env=environment(),
            check=True,
            capture_output=True,
            text=True,
            timeout=2 * SECONDS,
        )
    except subprocess.CalledProcessError as exc:
        raise FailedError(f"the clients of {job}:\n{exc.stderr[-2000:]}") from None
    except subprocess.TimeoutExpired:
        raise FailedError(f"the clients of {job} do not end") from None
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def cells(size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:
    """Start the shops near and far from Redis; those whose Redis dies start when they are measured."""
    redis = url_of("redis")
    far = stack.enter_context(Proxy(redis, delay=FAR))
    for place, url in (("near", redis), ("far", far.url)):
        for (framework, form), port in started(stack, url, folder, size).items():
            run = partial(measure_load, place, framework, form, port, size)
            yield Cell(f"{FRAMEWORKS[framework].title}, {form}: {PLACES[place]}", run)
    yield Cell("all: Redis dies", partial(measure_dead, redis, size, folder))


def measure_load(place: str, framework: str, form: str, port: int, size: Size) -> Found:
    """Put one endpoint under load."""
    known = FRAMEWORKS[framework]
    seen = clients(
        port=port, path=f"/{form}", connections=known.connections, seconds=size.load_seconds
    )
    if seen["statuses"] != [202]:
        raise FailedError(f"{framework} {form} answered {seen['statuses']}")
    times, others, row = seen["times"], seen["others"], f"{framework}-{form}"
    count = len(times)
    return {
        (f"shops-{place}", row): (seen["rate"], count),
        (f"shops-{place}/p50 (ms)", row): (1000 * percentile(times, 50), count),
        (f"shops-{place}/p99 (ms)", row): (1000 * percentile(times, 99), count),
        (f"others-{place}", row): (1000 * percentile(others, 99), len(others)),
    }


def measure_dead(redis: str, size: Size, folder: Path) -> Found:
    """Let Redis die in both ways, and all shops wait at the same time: waiting takes no processor."""
    found: dict[tuple[str, str], tuple[float, int]] = {}
    with ExitStack() as stack:
        silent = stack.enter_context(Proxy(redis))
        refused = ExitStack()  # ends while the shops run
        proxies = {"silent": silent, "refused": refused.enter_context(Proxy(redis))}
        with refused:
            ports = {
                (fault, *key): port
                for fault, proxy in proxies.items()
                for key, port in started(stack, proxy.url, folder, size).items()
            }
            ask_all(ports, WARM)  # they import and connect while Redis is there
        silent.silent = True
        for (fault, framework, form), seen in ask_all(ports, size.patience).items():
            row = f"{framework}-{form}"
            for chart, key in ((f"dead-{fault}", "longest"), (f"dead-{fault}-others", "other")):
                found[chart, row] = (math.inf if seen[key] is None else seen[key], 1)
    return found


def ask_all(
    ports: dict[tuple[str, str, str], int], patience: float
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Send requests to all shops at the same time, and return what their clients saw."""
    with ThreadPoolExecutor(len(ports)) as pool:
        futures = {
            key: pool.submit(
                clients, port=port, path=f"/{key[2]}", connections=AT_ONCE, patience=patience
            )
            for key, port in ports.items()
        }
    return {key: future.result() for key, future in futures.items()}

"""How fast one thread sends tasks: by setting, with the broker near and 20 ms away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from measure.bench.corner import BROKERS, ROOT, corner, environment
from measure.bench.numbers import Cell, Chart, Found, Row, Size
from measure.proxy import Proxy
from verify.services import url_of

NAME = "publish"
FAR = 0.010  # seconds each way
RESULTS = {"result_backend": "redis"}
IGNORED = {**RESULTS, "task_ignore_result": True}
CONFIRM = {"broker_transport_options": {"confirm_publish": True}}
SETTINGS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "default": ("no result backend", {}, ("redis", "rabbitmq")),
    "results": ("results kept in Redis", RESULTS, ("redis", "rabbitmq")),
    "ignored": ("… and task_ignore_result", IGNORED, ("redis", "rabbitmq")),
    "confirm": ("confirm_publish", CONFIRM, ("rabbitmq",)),
}
PLACES = {"near": 0.0, "far": FAR}


def rows_of(place: str) -> tuple[Row, ...]:
    """Return the rows of a chart."""
    return tuple(
        Row(f"{broker}-{name}-{place}", label, title, base=f"{broker}-default-{place}")
        for broker, title in BROKERS.items()
        for name, (label, _, brokers) in SETTINGS.items()
        if broker in brokers
    )


NOTE = "One thread calls .delay() in a row. Median of the rounds; the line is their range."
CHARTS = (
    Chart(
        "publish-near",
        "Calls of .delay(), broker on this machine",
        "calls/s",
        "more",
        NOTE,
        rows_of("near"),
    ),
    Chart(
        "publish-far",
        "Calls of .delay(), broker and Redis 20 ms away",
        "calls/s",
        "more",
        NOTE,
        rows_of("far"),
    ),
)


def cells(size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:  # noqa: ARG001
    """Start a slow network for each broker, and return the cells."""
    far = {name: stack.enter_context(Proxy(url_of(name), delay=FAR)) for name in BROKERS}
    for place, delay in PLACES.items():
        for broker, title in BROKERS.items():
            for name, (label, settings, brokers) in SETTINGS.items():
                if broker in brokers:
                    key = f"{broker}-{name}-{place}"
                    urls = {name: proxy.url for name, proxy in far.items()} if delay else {}
                    count = size.far_messages if delay else size.messages
                    yield Cell(
                        f"{title}, {place}: {label}",
                        partial(measure, (f"publish-{place}", key), settings, urls, count),
                        small=name in {"default", "confirm"},
                    )


def measure(
    row: tuple[str, str], settings: dict[str, Any], urls: dict[str, str], count: int
) -> Found:
    """Run the publisher, through the slow network if there are URLs for it."""
    broker = row[1].partition("-")[0]
    with corner(broker, **settings) as near:
        used = dict(near)
        if urls:
            used["broker_url"] = urls[broker]
            if "result_backend" in used:
                used["result_backend"] = urls["redis"]
        command = [sys.executable, "-m", "measure.bench.publisher", json.dumps(used), str(count)]
        run = subprocess.run(
            command, cwd=ROOT, env=environment(), check=True, capture_output=True, text=True
        )
    return {row: (count / float(run.stdout), count)}

"""How fast a worker empties its queue: by settings, and by pool."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from measure.bench.corner import BROKERS, corner, until, worker
from measure.bench.numbers import Cell, Chart, Found, Row, Size
from measure.bench.tasks import make_app

NAME = "workers"
SLEEP = 0.01  # seconds of a task that waits
PREFORK = "--pool prefork --concurrency 2"


@dataclass(frozen=True)
class Variant:
    """A worker: its settings, its options, and in which chart it stands."""

    chart: str
    label: str
    options: str = PREFORK
    settings: dict[str, Any] = field(default_factory=dict)
    base: str = "default"
    small: bool = False


RESULTS = {"result_backend": "redis"}
VARIANTS = {
    "default": Variant("settings", "no result backend", base="", small=True),
    "results": Variant("settings", "results kept in Redis", settings=RESULTS, small=True),
    "ignored": Variant(
        "settings", "… and task_ignore_result", settings={**RESULTS, "task_ignore_result": True}
    ),
    "prefetch": Variant(
        "settings", "worker_prefetch_multiplier 1", settings={"worker_prefetch_multiplier": 1}
    ),
    "late": Variant("settings", "task_acks_late", settings={"task_acks_late": True}),
    "events": Variant("settings", "task events (-E)", f"{PREFORK} --task-events"),
    "threads": Variant("pools", "threads -c 2", "--pool threads --concurrency 2", base="prefork"),
    "threads-20": Variant(
        "pools", "threads -c 20", "--pool threads --concurrency 20", base="prefork"
    ),
    "solo": Variant("pools", "solo", "--pool solo", base="prefork"),
    "wait-prefork": Variant("waiting", "prefork -c 2", base=""),
    "wait-prefork-20": Variant(
        "waiting", "prefork -c 20", "--pool prefork --concurrency 20", base="wait-prefork"
    ),
    "wait-threads-20": Variant(
        "waiting", "threads -c 20", "--pool threads --concurrency 20", base="wait-prefork"
    ),
    "wait-solo": Variant("waiting", "solo", "--pool solo", base="wait-prefork"),
}
MEMORY = "memory (MB)"
NOTE = "From the tenth to the ninetieth percent of a full queue. Median of the rounds; the line is their range."


def rows_of(chart: str) -> tuple[Row, ...]:
    """Return the rows of a chart; the first pool is the worker that the settings compare with, too."""
    variants = {name: variant for name, variant in VARIANTS.items() if variant.chart == chart}
    if chart == "pools":
        variants = {"prefork": Variant("pools", "prefork -c 2", base="")} | variants
    return tuple(
        Row(
            f"{broker}-{name}",
            variant.label,
            title,
            base=f"{broker}-{variant.base or name}",
        )
        for broker, title in BROKERS.items()
        for name, variant in variants.items()
    )


CHARTS = (
    Chart(
        "settings",
        "Tasks that do nothing, by setting, one prefork worker with two processes",
        "tasks/s",
        "more",
        NOTE,
        rows_of("settings"),
    ),
    Chart(
        "pools",
        "Tasks that do nothing, by pool",
        "tasks/s",
        "more",
        NOTE,
        rows_of("pools"),
    ),
    Chart(
        "waiting",
        "Tasks that wait 10 ms, by pool",
        "tasks/s",
        "more",
        NOTE,
        rows_of("waiting"),
    ),
)


def cells(size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:  # noqa: ARG001
    """Return the cells."""
    for name, variant in VARIANTS.items():
        for broker, title in BROKERS.items():
            yield Cell(
                f"{title}: {variant.chart}: {variant.label}",
                partial(measure, name, variant, broker, size, folder),
                small=variant.small,
            )


def measure(name: str, variant: Variant, broker: str, size: Size, folder: Path) -> Found:
    """Fill a queue, start a worker, and see how it empties it."""
    waits = variant.chart == "waiting"
    # Two processes do 200 of these tasks in a second: a fifth of the tasks is enough.
    tasks = size.tasks // 5 if waits else size.tasks
    with corner(broker, **variant.settings) as settings:
        app = make_app(settings)
        for number in range(1, tasks + 1):
            app.tasks["work"].delay(number, SLEEP if waits else 0)
        app.close()
        # Mingle only delays the start, by a second.
        options = f"{variant.options} --without-mingle"
        with worker(settings, options, folder, tasks) as (program, marks, _):
            until(lambda: sum(map(bool, marks.all())) > tasks, program)
            memory = memory_of([program.pid, *program.children()])
    times = sorted(marks.all()[1:])
    first, last = tasks // 10, tasks * 9 // 10
    found = ((last - first) / (times[last] - times[first]), tasks)
    measured = {(variant.chart, f"{broker}-{name}"): found}
    if name == "default":
        measured["pools", f"{broker}-prefork"] = found
    if memory is not None:
        beside = {(f"{chart}/{MEMORY}", row): (memory, 1) for chart, row in measured}
        return measured | beside
    return measured


def memory_of(pids: list[int]) -> float | None:
    """Return the memory of a worker in MB, where Linux counts it; what processes share is counted once."""
    files = [Path(f"/proc/{pid}/smaps_rollup") for pid in pids]
    if not all(file.exists() for file in files):
        return None
    sizes = (re.search(r"^Pss: +(\d+) kB", file.read_text(), re.MULTILINE) for file in files)
    return sum(int(size[1]) for size in sizes if size) / 1024

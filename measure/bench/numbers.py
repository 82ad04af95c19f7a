"""What is measured: cells, the rows that they give, and the charts of the data file (see docs/_ext/charts.py)."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

# What a cell has measured: (chart, row) -> the value and how many single measurements are behind it. A chart's name
# with a slash and a title, as `shops-near/p99 (ms)`, is a column beside it, in the table only.
Found = Mapping[tuple[str, str], tuple[float, int]]


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    name: str
    rounds: int
    tasks: int  # of a queue that a worker empties
    messages: int  # that are published in a row
    far_messages: int  # the same, 20 ms away
    load_seconds: float  # that an endpoint is under load
    patience: float  # seconds after which a dead broker's request counts as never answered
    results: int  # that are waited for, one after the other
    slow_results: int  # the same, where one takes up to half a second


SIZES = {
    size.name: size
    for size in (
        Size("small", 1, 300, 300, 10, 0.6, 5.0, 15, 2),
        Size("full", 3, 1500, 2000, 40, 2.0, 25.0, 60, 8),
    )
}


@dataclass(frozen=True)
class Row:
    """A row of a chart; `base` is the row that its ratio compares with."""

    name: str
    label: str
    group: str = ""
    base: str = ""
    kind: str = ""  # one of the chart's series


@dataclass(frozen=True)
class Chart:
    """A chart without its numbers."""

    name: str
    title: str
    unit: str
    better: str
    note: str
    rows: tuple[Row, ...]
    series: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One thing to measure, once a round."""

    title: str
    run: Callable[[], Found]
    small: bool = True  # also part of a small run


class Part(Protocol):
    """A module of the measurement."""

    NAME: str
    CHARTS: tuple[Chart, ...]

    def cells(self, size: Size, folder: Path, stack: ExitStack) -> Iterable[Cell]:
        """Start what all cells need, to be ended by the stack, and return them."""
        ...


@dataclass
class Samples:
    """What was measured, round by round."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        """Add what a cell has found."""
        for key, (value, count) in found.items():
            self.values[key].append(value)
            self.counts[key] = count

    def chart(self, chart: Chart, patience: float) -> dict[str, Any] | None:
        """Return a chart of the data file; its rows are those that were measured, or nothing if none was."""
        measured = [row for row in chart.rows if self.values.get((chart.name, row.name))]
        if not measured:
            return None
        medians = {row.name: self.median(chart, row) for row in measured}
        rows = []
        for row in measured:
            values = self.values[chart.name, row.name]
            median = medians[row.name]
            count, rounds = self.counts[chart.name, row.name], len(values)
            entry: dict[str, Any] = {"name": row.name, "label": row.label}
            if row.group:
                entry["group"] = row.group
            value = significant(min(median, patience) if math.isinf(median) else median)
            entry |= {"parts": {row.kind: value}} if row.kind else {"value": value}
            if math.isinf(median):
                entry["text"] = f"no answer in {patience:g} s"
            elif rounds > 1 and not math.isinf(max(values)):
                entry |= {"low": significant(min(values)), "high": significant(max(values))}
            base = medians.get(row.base, math.nan)
            if math.isfinite(base) and math.isfinite(median):
                entry["ratio"] = significant(median / base)
            also = {
                name.partition("/")[2]: significant(statistics.median(beside))
                for (name, of), beside in self.values.items()
                if of == row.name and name.startswith(f"{chart.name}/")
            }
            entry |= {"also": also} if also else {}
            rows.append(entry | {"n": count, "rounds": rounds})
        about = {"title": chart.title, "unit": chart.unit, "better": chart.better}
        kinds = {"series": list(chart.series)} if chart.series else {}
        return about | kinds | {"note": chart.note, "rows": rows}

    def median(self, chart: Chart, row: Row) -> float:
        """Return the median of a row's rounds, where no answer is an infinity."""
        return statistics.median(self.values[chart.name, row.name])


def significant(value: float) -> float:
    """Round to four significant digits; more would be noise."""
    return float(f"{value:.4g}")


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile by the nearest rank."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]

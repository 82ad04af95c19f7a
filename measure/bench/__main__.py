"""Measure, and write the numbers for the charts of docs/explain/performance.md.

Usage: python -m measure.bench [--size small|full] [--rounds N] [--only PART]... [--out FILE]

A full run takes about ten minutes, and writes docs/_data/bench.json. Another one writes build/bench.json.

Redis and RabbitMQ must run; `REDIS_URL` and `AMQP_URL` say where, without them their usual ports are tried. Every
measurement has names of its own there, and deletes them, also when the run is stopped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click

from measure.bench import publish, results, shops, start, workers
from measure.bench.corner import ROOT, FailedError
from measure.bench.numbers import SIZES, Part, Samples, Size
from measure.leftovers import delete_of_dead_runs
from verify.services import Missing, url_of
from verify.shell import temporary_folder

PARTS: dict[str, Part] = {part.NAME: part for part in (shops, publish, workers, results, start)}
PAGES = ROOT / "docs" / "_data" / "bench.json"
LIBRARIES = {
    "Celery": "celery",
    "kombu": "kombu",
    "redis-py": "redis",
    "py-amqp": "amqp",
    "Flask": "flask",
    "Django": "django",
    "FastAPI": "fastapi",
    "gunicorn": "gunicorn",
    "uvicorn": "uvicorn",
}


def versions() -> dict[str, str]:
    """Return the versions of everything that was measured.

    Raises:
        Missing: if a service does not answer.

    """
    import amqp
    import kombu
    import redis

    with redis.Redis.from_url(url_of("redis")) as client:
        redis_version = client.info("server")["redis_version"]
    with kombu.Connection(url_of("rabbitmq")) as connection:
        connection.connect()
        link = connection.connection
        assert isinstance(link, amqp.Connection)  # noqa: S101 - for the types
        rabbitmq_version = link.server_properties["version"]
    return {
        "Python": platform.python_version(),
        **{name: version(package) for name, package in LIBRARIES.items()},
        "Redis": str(redis_version),
        "RabbitMQ": str(rabbitmq_version),
    }


def measure(size: Size, names: list[str]) -> Samples:
    """Run all cells of these parts, round by round, and show how far it is."""
    samples = Samples()
    with temporary_folder() as folder:
        for name in names:
            with ExitStack() as stack:
                found = PARTS[name].cells(size, folder, stack)
                cells = [cell for cell in found if cell.small or size.name != "small"]
                steps = cells * size.rounds
                with click.progressbar(
                    steps,
                    label=f"{name:8}",
                    item_show_func=lambda cell: cell.title if cell else "",
                    file=sys.stderr,
                ) as bar:
                    for cell in bar:
                        samples.add(cell.run())
    return samples


def data_of(samples: Samples, size: Size, seconds: float) -> dict[str, Any]:
    """Return the data file."""
    charts = {
        chart.name: drawn
        for part in PARTS.values()
        for chart in part.CHARTS
        if (drawn := samples.chart(chart, size.patience))
    }
    about = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "size": size.name,
        "rounds": size.rounds,
        "seconds": round(seconds),
        "cores": os.cpu_count(),
        "client": "measure/bench/load.py: one thread, asyncio, connections kept open",
        "versions": versions(),
    }
    return {"about": about, "charts": charts}


def as_text(data: dict[str, Any]) -> str:
    """Return the numbers as a reader in a terminal wants them."""
    lines = []
    for chart in data["charts"].values():
        lines += ["", f"{chart['title']} ({chart['unit']})"]
        for row in chart["rows"]:
            value = row.get("value", next(iter(row.get("parts", {}).values()), 0))
            label = f"{row.get('group', '')}  {row['label']}".strip()
            ratio = f"  x {row['ratio']:g}" if "ratio" in row else ""
            lines.append(f"  {label:48} {row.get('text') or f'{value:g}'}{ratio}")
    return "\n".join(lines)


def main() -> int:
    """Measure, write, and return the exit status: 1 if a service is missing or something failed."""
    parser = argparse.ArgumentParser(prog="python -m measure.bench", description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="small")
    parser.add_argument("--rounds", type=int, help="instead of those of the size")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART")
    parser.add_argument(
        "--out", type=Path, help="by default that of the pages, for a whole full run"
    )
    asked = parser.parse_args()
    size = replace(SIZES[asked.size], rounds=asked.rounds or SIZES[asked.size].rounds)
    # SIGTERM ends it as Ctrl+C does, so that everything is deleted.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    try:
        versions()  # a missing service is said before anything is measured
        delete_of_dead_runs()
        samples = measure(size, asked.only or list(PARTS))
        data = data_of(samples, size, time.monotonic() - began)
    except (Missing, FailedError) as exc:
        click.echo(exc, err=True)
        return 1
    except KeyboardInterrupt:
        click.echo("\nstopped; nothing was written", err=True)
        return 130
    click.echo(as_text(data))
    whole = size.name == "full" and not asked.only
    out = asked.out or (PAGES if whole else ROOT / "build" / "bench.json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    click.echo(f"{data['about']['seconds']} s; written to {out}", err=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

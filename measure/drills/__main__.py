"""Run the drills: `python -m measure.drills`, all of them; `--small` the few that continuous integration runs."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from measure.brokers import PERSISTENCE, RabbitMQ, Redis, python_version, versions
from measure.drills.cells import cells, small_cells
from measure.drills.faults import remove_memory_groups
from measure.drills.report import report
from measure.drills.shop import shop_cells, small_shop_cells
from measure.processes import kill_everything
from verify.services import Missing

if TYPE_CHECKING:
    from types import FrameType

    from measure.drills.cells import Cell
    from measure.drills.report import report
from measure.drills.shop import ShopCell

DATA = Path(__file__).parents[2] / "docs" / "_data" / "drills.json"
Row = dict[str, Any]


class Run:
    """One run of some drills, with the brokers that they share."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        """Start the shared brokers.

        Raises:
            Missing: if one is not installed.

        """
        self.folder = folder
        self.redis = stack.enter_context(Redis(folder / "redis"))
        self.rabbitmq = stack.enter_context(RabbitMQ(folder / "rabbitmq"))
        self.numbers = iter(range(1, 1000))
        self.lock = Lock()

    def drill(self, cell: Cell | ShopCell) -> Row:
        """Run one drill, and return its row of the table."""
        with self.lock:
            number = next(self.numbers)
        folder = self.folder / f"drill{number}"
        begin = time.monotonic()
        with ExitStack() as stack:
            broker = self.redis if cell.broker == "redis" else self.rabbitmq
            if cell.own_broker:
                place = folder.with_name(f"broker{number}")
                broker = Redis(place, cell.kind) if cell.kind in PERSISTENCE else RabbitMQ(place)
                stack.enter_context(broker)
            outcome, facts = cell.run(broker, folder, number)
        objection = cell.objection(outcome, facts)
        if not objection:
            shutil.rmtree(folder)
        return {
            "fault": cell.fault.__name__,
            "broker": cell.broker,
            "kind": cell.kind,
            "settings": getattr(cell, "settings", ""),
            "shop": getattr(cell, "framework", ""),
            **vars(outcome),
            **facts,
            "seconds": round(time.monotonic() - begin, 1),
            "objection": objection,
        }


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m measure.drills", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="only what continuous integration runs"
    )
    parser.add_argument(
        "--only", nargs="+", metavar="TEXT", help="only drills whose names begin with one of these"
    )
    parser.add_argument("--size", type=int, metavar="N", help="send N tasks in each drill")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), metavar="N")
    parser.add_argument(
        "--keep", action="store_true", help="keep logs and records of drills that failed"
    )
    parser.add_argument("--list", action="store_true", help="only print the names of the drills")
    parser.add_argument(
        "--save", action="store_true", help=f"write {DATA.name}, which the site shows"
    )
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Cell | ShopCell]:
    """Return the drills that the command line asks for."""
    found = few_drills() if options.small else every_drill()
    if options.only:
        found = [cell for cell in found if cell.name.startswith(tuple(options.only))]
    if options.size:
        found = [replace(cell, size=options.size) for cell in found]
    return found


def every_drill() -> list[Cell | ShopCell]:
    """Return all drills, the shops' first: they take longest."""
    return [*shop_cells(), *cells()]


def few_drills() -> list[Cell | ShopCell]:
    """Return the drills that continuous integration runs."""
    return [*small_shop_cells(), *small_cells()]


def run(drills: list[Cell | ShopCell], jobs: int, folder: Path, *, keep: bool) -> list[Row]:
    """Run drills side by side, and return their rows; print each as it ends, and save it where asked to."""
    rows: list[Row] = []
    with ExitStack() as stack:
        this = Run(folder, stack)
        found = versions(this.redis, this.rabbitmq)
        pool = ThreadPoolExecutor(jobs)
        futures = {pool.submit(this.drill, cell): cell for cell in drills}
        for count, future in enumerate(as_completed(futures), 1):
            cell = futures[future]
            try:
                row = future.result()
            except Exception as exc:  # noqa: BLE001 - a drill that breaks must not stop the others
                row = {"objection": f"{type(exc).__name__}: {exc}"}
            rows.append({"name": cell.name, **row})
            print(f"[{count:3}/{len(drills)}] {line(rows[-1])}", flush=True)
            if keep:
                save(rows, found)
    return rows


def line(row: Row) -> str:
    """Return a row for people."""
    if "sent" not in row:
        return f"{row['name']}: {row['objection']}"
    numbers = ", ".join(f"{row[key]} {key}" for key in ("sent", "once", "twice", "waiting", "lost"))
    more = f" FAILED: {row['objection']}" if row["objection"] else ""
    return f"{row['name']}: {numbers} ({row['seconds']} s){more}"


def main() -> int:
    """Run the drills, print a table, and say whether each came out as the pages say."""
    options = arguments()
    drills = chosen(options)
    if options.list or not drills:
        print("\n".join(cell.name for cell in drills) or "no drill has this name")
        return 0 if drills else 1
    signal.signal(signal.SIGTERM, as_interrupt)
    folder = Path(tempfile.mkdtemp(prefix="drills-"))
    folder.chmod(0o755)  # PostgreSQL's user must reach its own folder in it
    begin = time.monotonic()
    try:
        rows = run(drills, options.jobs, folder, keep=options.save)
    except Missing as exc:
        print(exc, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # The drills' threads would go on until their workers are done.
        kill_everything()
        remove_memory_groups()
        while folder.exists():  # a thread may just have made another file in it
            shutil.rmtree(folder, ignore_errors=True)
        print("interrupted; everything that was started is gone", file=sys.stderr, flush=True)
        os._exit(130)
    finally:
        if options.keep:
            print(f"logs and records: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    failed = [row["name"] for row in rows if row["objection"]]
    seconds = time.monotonic() - begin
    print(f"{len(rows) - len(failed)} drills as expected, {len(failed)} not, in {seconds:.0f} s")
    return 1 if failed else 0


def as_interrupt(number: int, frame: FrameType | None) -> None:
    """Have SIGTERM end the run as Ctrl+C does, so that nothing stays behind."""
    signal.default_int_handler(number, frame)


def save(rows: list[Row], brokers: dict[str, str]) -> None:
    """Write what the site shows; drills that did not run now keep their rows, if the versions are the same."""
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "versions": {
            "Celery": version("celery"),
            "kombu": version("kombu"),
            "redis-py": version("redis"),
            "py-amqp": version("amqp"),
            "Python": python_version(),
            "Redis": brokers["redis"],
            "RabbitMQ": brokers["rabbitmq"],
        },
    }
    merged = {row["name"]: row for row in rows}
    if DATA.exists():
        old = json.loads(DATA.read_text(encoding="utf-8"))
        if old["about"]["versions"] == about["versions"]:
            merged = {row["name"]: row for row in old["drills"]} | merged
    rows = [merged[cell.name] for cell in every_drill() if cell.name in merged]
    data = {"about": about, **report(rows), "drills": rows}
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""A program: ask a worker of each pool where things are. It compares the answers with ``pools.md``.

With ``--write``, it writes that file.
"""

import os
import platform
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from celery import Celery

HERE = Path(__file__).parent
TABLE = HERE / "pools.md"
POOLS = {"prefork": 2, "threads": 2, "solo": 1}  # how many tasks run at the same time
PATIENCE = 60  # seconds, on a busy machine

Answer = dict[str, Any]


def answers(pool: str) -> tuple[int, list[Answer], list[str]]:
    """Start a worker, send two tasks; return its process, the answers, and what signals have noted."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in ("queue", "control", "results"):
            (folder / part).mkdir()
        # First: a worker that reads a message while it is being written ends.
        results = [send(folder, POOLS[pool], number) for number in (1, 2)]
        command = ["celery", "-A", "shop.celery_app", "worker", "-P", pool, "-c", "2"]
        with (folder / "log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", *command, "--without-mingle", "--without-gossip"],
                cwd=HERE,
                env=os.environ | {"SHOP_FOLDER": name},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            found = [result.get(timeout=PATIENCE, interval=0.02) for result in results]
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        return worker.pid, found, (folder / "signals").read_text().splitlines()


def send(folder: Path, tasks: int, number: int) -> Any:  # noqa: ANN401
    """Send a task to the worker of this folder."""
    app = Celery("sender", broker="filesystem://", set_as_current=False, fixups=[])
    app.conf.update(
        broker_transport_options={
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
        },
        result_backend=f"file://{folder / 'results'}",
    )
    return app.send_task("shop.tasks.look", [tasks, number])


def cells(main: int, found: list[Answer], notes: list[str]) -> dict[str, str]:
    """Return what a pool does, by row."""
    first, second = found

    def same(key: str) -> bool:
        return first[key] == second[key]

    def each(key: str) -> str:
        return "one" if same(key) else "one in each process"

    def process_of(name: str) -> str:
        processes = {int(pid) for said, pid in map(str.split, notes) if said == name}
        if not processes:
            return "never"
        return "in the main process" if processes == {main} else "in each child"

    both = first["basket"] == [1, 2] or second["basket"] == [1, 2]
    threads = "main thread" if first["main thread"] and second["main thread"] else "a thread each"
    return {
        "two tasks run in": ("one process" if same("pid") else "two processes") + f", {threads}",
        "your modules are imported in": "the main process"
        if {first["imported by"], second["imported by"]} == {main}
        else "each process",
        "a list in a module": "one for all tasks" if both else "a copy in each process",
        "a file or socket that is open at import": "the same one, in each process"
        if not same("pid") and not same("letter")
        else "one",
        "a thread that is started at import": "runs" if first["thread lives"] else "is not there",
        "`threading.local()`": "one value" if same("local") else "a value each",
        "made at first use, `@cache`": each("client"),
        "a running event loop": "none" if not (first["loop"] or second["loop"]) else "one",
        "`worker_init`": process_of("worker_init"),
        "`worker_process_init`": process_of("worker_process_init"),
        "`task_received`": process_of("task_received"),
        "`task_prerun`": process_of("task_prerun"),
    }


def table() -> list[str]:
    """Return the rows of the table."""
    with ThreadPoolExecutor() as threads:
        columns = [cells(*answered) for answered in threads.map(answers, POOLS)]
    head = ["With `-c 2`", *(f"`{pool}`" for pool in POOLS)]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    return [f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]]


def main() -> None:
    """Ask, and compare or write."""
    rows = table()
    if "--write" in sys.argv:
        versions = f"celery {version('celery')}, Python {platform.python_version()}"
        seen = f"Seen on {datetime.now(UTC):%Y-%m-%d} with {versions}."
        TABLE.write_text("\n".join([*rows, "", seen, ""]), encoding="utf-8")
    known = TABLE.read_text(encoding="utf-8").splitlines()
    new = [row for row in rows if row not in known]
    sys.stdout.write("\n".join([*new, "another table"]) if new else "the same table\n")
    sys.exit(bool(new))


if __name__ == "__main__":
    main()

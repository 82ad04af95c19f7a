"""Ask each pool for the same: `python -m survey.pools`."""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from celery import Celery
from celery.exceptions import TimeoutError as NoAnswer

from survey.common import (
    Table,
    celery,
    celery_settings,
    code,
    log_of,
    main,
    ready,
    redis,
    wait_for,
)

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 20  # until a task must have ended, also on a busy machine
TASKS = "survey.tasks"


class Worker:
    """A worker that runs, and an app that sends to it."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        """Make the app."""
        self.folder, self.process = folder, process
        self.app = Celery("sender", set_as_current=False)
        self.app.conf.update(celery_settings(folder))
        # A result that is dropped when its Redis has ended asks it once more, not for minutes.
        self.app.conf.result_backend_transport_options = {"retry_policy": {"max_retries": 1}}

    def send(self, name: str, *arguments: object, **options: Any) -> Any:  # noqa: ANN401
        """Send a task."""
        name = name if name in {"early", "late"} else f"{TASKS}.{name}"
        return self.app.send_task(name, arguments, **options)

    def begun(self, name: str) -> None:
        """Wait until a task has begun."""
        notes = self.folder / "notes"
        wait_for(lambda: notes.exists() and f"begin {name}" in notes.read_text())

    def ended(self, result: Any) -> str:  # noqa: ANN401
        """Return how a task has ended."""
        with contextlib.suppress(NoAnswer):
            result.get(timeout=SECONDS, propagate=False)
        if result.state == "SUCCESS":
            return "ignored"
        if result.state == "FAILURE":
            return code(type(result.result).__name__)
        return f"{code(result.state)}"

    def together(self) -> int:
        """Return how many tasks have run at the same time."""
        running = most = 0
        for line in (self.folder / "notes").read_text().splitlines():
            running += {"begin": 1, "end": -1}[line.split()[0]]
            most = max(most, running)
        return most


@contextlib.contextmanager
def worker(pool: str, *options: str) -> Iterator[Worker]:
    """Run a worker."""
    arguments = ("-A", TASKS, "worker", "-l", "INFO", "-P", pool, "--without-mingle", *options)
    with redis() as folder, celery(folder, *arguments) as process:
        ready(folder)
        yield Worker(folder, process)


def plain(pool: str) -> Iterator[tuple[str, str]]:
    """Yield what a worker for four tasks does."""
    with worker(pool, "-c", "4") as shop:
        results = [shop.send("early", f"wait-{number}", 1.5) for number in range(4)]
        for result in results:
            shop.ended(result)
        yield "`-c 4`: tasks at the same time", str(shop.together())
        processes = {shop.send("where").get(timeout=SECONDS) for _ in range(8)}
        own = processes == {shop.process.pid}
        yield "where they run", "in the worker's process" if own else "in processes of their own"
        limits: dict[str, dict[str, Any]] = {
            "`time_limit`": {"time_limit": 1},
            "`soft_time_limit`": {"soft_time_limit": 1},
        }
        for says, limit in limits.items():
            waits = shop.ended(shop.send("early", f"limit-{says}", 3, **limit))
            yield f"{says} of a task that waits", waits
            computes = shop.ended(shop.send("compute", 3, **limit))
            yield f"{says} of a task that computes", computes
        running = shop.send("early", "revoked", 4)
        shop.begun("revoked")
        before = len(log_of(shop.folder))
        running.revoke(terminate=True)
        how = shop.ended(running)
        error = "NotImplementedError" in log_of(shop.folder)[before:]
        yield "`revoke(terminate=True)`", how + ("; `NotImplementedError` in its log" * error)
        waiting = shop.send("early", "never", 0, countdown=4)
        waiting.revoke()
        yield "`revoke()` before it begins", shop.ended(waiting)
        reply = shop.app.control.pool_grow(1, reply=True, timeout=5)
        answers = [next(iter(answer.values())) for answer in reply]
        yield "`control pool_grow`", "works" if answers and "ok" in answers[0] else "an error"


def busy(pool: str) -> Iterator[tuple[str, str]]:
    """Yield whether a worker answers while it is busy."""
    for says, name, arguments in (
        ("waits", "early", ("busy", 8)),
        ("computes", "compute", (8,)),
    ):
        with worker(pool, "-c", "1") as shop:
            result = shop.send(name, *arguments)
            wait_for(lambda: result.id in log_of(shop.folder))  # noqa: B023
            answers = shop.app.control.ping(timeout=4)
            yield f"`inspect ping` while a task {says}", "answers" if answers else "no answer"


def replaced(pool: str) -> Iterator[tuple[str, str]]:
    """Yield whether processes are replaced, and what happens when one ends."""
    for option, says in (("--max-tasks-per-child", "2"), ("--max-memory-per-child", "1000")):
        with worker(pool, "-c", "1", option, says) as shop:
            processes = Counter(shop.send("grow", 20).get(timeout=SECONDS) for _ in range(6))
        yield code(f"{option} {says}"), "a new process" if len(processes) > 1 else "ignored"
    with worker(pool, "-c", "1") as shop:
        result = shop.send("leave")
        ended = wait_for(lambda: result.ready() or shop.process.poll() is not None)
        alive = ended and shop.process.poll() is None
        yield (
            "a task ends its process",
            f"{shop.ended(result)}, the worker goes on" if alive else "the worker is gone",
        )
    with worker(pool, "--autoscale", "4,1") as shop:
        results = [shop.send("early", f"scale-{number}", 3) for number in range(8)]
        wait_for(lambda: all(result.ready() for result in results))
        most = shop.together()
        yield "`--autoscale 4,1`", f"up to {most} task" + "s" * (most > 1)


def column(pool: str) -> dict[str, str]:
    """Return the cells of a pool, by their row."""
    cells: dict[str, str] = {}
    for part in (plain, busy, replaced):
        try:
            cells.update(part(pool))
        except TimeoutError as exc:  # the worker does not start
            raise TimeoutError(f"{pool}: {exc}") from None
    return cells


def table(*pools: str) -> dict[str, Table]:
    """Return the table of some pools."""
    with ThreadPoolExecutor() as threads:
        columns = list(threads.map(column, pools))
    rows = [[name, *(cells[name] for cells in columns)] for name in columns[0]]
    return {"all": {"head": ["A worker", *map(code, pools)], "rows": rows}}


def measure() -> dict[str, Table]:
    """Return the table of the pools that Celery has without another package."""
    return table("prefork", "threads", "solo")


if __name__ == "__main__":
    main("pools", measure, "celery", "kombu", "billiard")

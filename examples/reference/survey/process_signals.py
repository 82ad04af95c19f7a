"""Stop workers while tasks run: `python -m survey.process_signals`."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from celery import Celery
from redis import Redis

from survey.common import Table, celery, celery_settings, code, log_of, main, redis
from survey.common import wait_for as wait

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

AT_ONCE = 4  # workers, side by side
LONG, SHORT = 10.0, 2.0  # seconds that a task takes
PATIENCE = 25  # seconds until a worker that has got its signals is called one that keeps running
TRIES = 3  # in this time, for beat
RUNNING, WAITING = ("early-1", "late-1"), ("early-2", "late-2")


@dataclass
class Case:
    """What a worker gets, and how it was started."""

    says: str
    signals: tuple[str, ...]
    to_all: bool = False  # processes of the worker, as a terminal and systemd do
    soft: float = 0  # seconds
    task: float = LONG
    variables: dict[str, str] = field(default_factory=dict)
    pool: str = "prefork"


REMAP = {"REMAP_SIGTERM": "SIGQUIT"}
CASES = (
    Case("SIGTERM", ("TERM",)),
    Case("SIGTERM, and again", ("TERM", "TERM")),
    Case("SIGTERM, then SIGQUIT", ("TERM", "QUIT")),
    Case("Ctrl+C", ("INT",), to_all=True),
    Case("Ctrl+C, and again", ("INT", "INT"), to_all=True),
    Case("SIGQUIT", ("QUIT",)),
    Case("SIGTERM to every process", ("TERM",), to_all=True),
    Case("SIGKILL to the main process", ("KILL",)),
    Case("SIGKILL to every process", ("KILL",), to_all=True),
    Case("SIGHUP", ("HUP",), task=SHORT),
    Case("SIGUSR1", ("USR1",), task=SHORT),
)
SOFT = (
    Case("SIGTERM; soft timeout 3 s", ("TERM",), soft=3),
    Case("SIGQUIT; soft timeout 3 s", ("QUIT",), soft=3),
    Case("SIGQUIT; soft timeout 8 s, tasks end before", ("QUIT",), soft=8, task=SHORT),
    Case("SIGQUIT, and again; soft timeout 8 s", ("QUIT", "QUIT"), soft=8, task=60),
    Case("SIGTERM; `REMAP_SIGTERM=SIGQUIT`", ("TERM",), variables=REMAP),
    Case("SIGTERM; the same, soft timeout 3 s", ("TERM",), soft=3, variables=REMAP),
    Case(
        "SIGTERM to every process; the same, soft timeout 3 s",
        ("TERM",), to_all=True, soft=3, variables=REMAP,
    ),
)  # fmt: skip
POOLS = (
    Case("SIGTERM, `threads`", ("TERM",), pool="threads"),
    Case("SIGQUIT, `threads`", ("QUIT",), pool="threads"),
    Case("SIGTERM, `solo`", ("TERM",), pool="solo"),
    Case("SIGQUIT, `solo`", ("QUIT",), pool="solo"),
)


def notes(folder: Path) -> set[str]:
    """Return what the tasks have noted."""
    with contextlib.suppress(FileNotFoundError):
        return set((folder / "notes").read_text().splitlines())
    return set()


def held(folder: Path) -> dict[str, str]:
    """Return where the message of each task is, if Redis has it."""
    with Redis.from_url((folder / "redis").read_text(), decode_responses=True) as redis_client:
        queue = [json.loads(text) for text in redis_client.lrange("celery", 0, -1)]
        taken = [json.loads(text)[0] for text in redis_client.hvals("unacked")]
    names = {message["headers"]["id"]: "`unacked`" for message in taken}
    return names | {message["headers"]["id"]: "queue" for message in queue}


def hit(process: subprocess.Popen[bytes], name: str, *, to_all: bool) -> None:
    """Send a signal."""
    number = getattr(signal, f"SIG{name}")
    if to_all:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)


def run(case: Case) -> list[str]:
    """Let a worker run two tasks and hold two more, send the signals, and return the row."""
    with redis() as folder:
        sender = Celery("sender", set_as_current=False)
        sender.conf.update(celery_settings(folder))
        for name in (*RUNNING, *WAITING):
            sender.send_task(name.split("-")[0], (name, case.task), task_id=name)
        arguments = ("-A", "survey.tasks", "worker", "-l", "WARNING", "-P", case.pool, "-c", "2")
        variables = {"MEASURE_SOFT_TIMEOUT": str(case.soft), **case.variables}
        begun = RUNNING if case.pool != "solo" else RUNNING[:1]
        with celery(folder, *arguments, "--without-mingle", **variables) as process:
            wait(lambda: all(f"begin {name}" in notes(folder) for name in begun))
            if case.pool != "solo":  # the main process has read the other messages, too
                wait(lambda: all(held(folder).get(name) == "`unacked`" for name in WAITING))
            before = len(log_of(folder))
            began = time.monotonic()
            for name in case.signals:
                seen = len(log_of(folder))
                hit(process, name, to_all=case.to_all)
                wait(lambda: len(log_of(folder)) > seen or process.poll() is not None, 5)  # noqa: B023
            ended = wait(lambda: process.poll() is not None, case.task + PATIENCE)
            seconds = time.monotonic() - began
            if case.signals == ("KILL",):  # do its children go on?
                wait(lambda: all(f"end {name}" in notes(folder) for name in begun), case.task + 3)
            printed = log_of(folder)[before:]
            fates = [fate(folder, name) for name in (*RUNNING, *WAITING)]
        how = status(process, ended=ended)
        ends = when(case, fates, seconds, ended=ended)
        if case.pool == "solo":
            fates[1] = "not begun"
        held_back = " / ".join(dict.fromkeys(fates[2:]))
        return [case.says, *fates[:2], held_back, how, ends, words(printed)]


def fate(folder: Path, name: str) -> str:
    """Say what has become of a task."""
    place = held(folder).get(name)
    if f"end {name}" in notes(folder):
        return f"ends, and is in {place}" if place else "ends"
    return place or "**lost**"


def status(process: subprocess.Popen[bytes], *, ended: bool) -> str:
    """Return the exit status as a shell has it."""
    code_of = process.returncode
    if not ended or code_of is None:
        return "none"
    return str(code_of if code_of >= 0 else 128 - code_of)


def when(case: Case, fates: list[str], seconds: float, *, ended: bool) -> str:
    """Say when the worker has ended."""
    if not ended:
        return "keeps running"
    if case.soft and seconds >= case.soft and "ends" not in fates[:2]:
        return "after the soft timeout"
    if case.soft > case.task and seconds >= case.soft:
        return "after the soft timeout, not earlier"
    if "ends" in fates[:2]:
        return "after the running tasks"
    return "at once"


def words(printed: str) -> str:
    """Return the lines that say what the worker does."""
    found = re.findall(
        r"(Warm shutdown|Initiating Soft Shutdown|Cold shutdown|Restarting celery worker"
        r"|WorkerLostError: Worker exited prematurely: signal \d+|NotImplementedError)",
        printed,
    )
    return "; ".join(code(line) for line in dict.fromkeys(found)) or "no such line"


def run_beat(name: str) -> list[str]:
    """Stop a beat with a signal, and return the row."""
    with redis() as folder:
        arguments = ("-A", "survey.tasks", "beat", "-l", "DEBUG", "-s", str(folder / "schedule"))
        with celery(folder, *arguments) as process:
            wait(lambda: "beat: Ticking" in log_of(folder))
            for _ in range(TRIES):  # one that comes just before beat sleeps is heard when it wakes
                hit(process, name, to_all=False)
                ended = wait(lambda: process.poll() is not None, PATIENCE / TRIES)
                if ended:
                    break
        return [f"SIG{name}", status(process, ended=ended)]


def measure() -> dict[str, Table]:
    """Return the tables."""
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)  # beat would inherit that nohup or `&` ignores it
    cases = (*CASES, *SOFT, *POOLS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(run, cases))
        beats = list(pool.map(run_beat, ("TERM", "INT", "QUIT", "HUP", "KILL")))
    head = ["The worker gets", "A task runs", "Runs, with `acks_late`", "Waits in the worker"]
    head += ["Exit status", "It ends", "The log says"]
    parts = {"signals": len(CASES), "soft": len(SOFT), "pools": len(POOLS)}
    tables, first = {}, 0
    for part, count in parts.items():
        tables[part] = {"head": head, "rows": rows[first : first + count]}
        first += count
    tables["beat"] = {"head": ["Beat gets", "Exit status"], "rows": beats}
    return tables


if __name__ == "__main__":
    main("process_signals", measure, "celery", "kombu", "billiard")

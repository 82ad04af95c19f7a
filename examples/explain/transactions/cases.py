"""A program: let a worker and one web process after another do each of the cases, and print what is left.

It compares the order of all events with ``cases.jsonl``; with ``--write``, it writes that file.
"""

import json
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

KNOWN = Path(__file__).with_name("cases.jsonl")
CASES = (
    ("send_first", "worker_is_faster"),
    ("send_first", "view_fails"),
    ("commit_first", "process_is_killed"),
    ("commit_first", "nothing"),
)
WORKER = ["-m", "celery", "-A", "shop.celery_app", "worker", "--pool", "solo"]
PATIENCE = 60  # seconds until the worker is ready, on a busy machine

Event = dict[str, Any]


def wait_for(path: Path, text: str) -> None:
    """Wait until a file holds a text.

    Raises:
        TimeoutError: if it does not in time.

    """
    deadline = time.monotonic() + PATIENCE
    while text not in path.read_text(encoding="utf-8"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {text!r} in {path.name}")
        time.sleep(0.02)


def respond(view: str, accident: str) -> None:
    """Answer a request, with an accident."""
    from shop import accidents, orders

    with suppress(RuntimeError):  # a web server would answer 500
        getattr(orders, view)(getattr(accidents, accident))


def request(view: str, accident: str) -> list[Event]:
    """Answer a request in a process of its own; return the events, by the time since the first."""
    from shop import accidents, log

    log.LOG.write_text("", encoding="utf-8")
    web = multiprocessing.get_context("fork").Process(target=respond, args=(view, accident))
    web.start()
    web.join()
    if web.exitcode:
        log.note("web", "killed")
    if any(event["event"] == "message" for event in log.events()):
        accidents.worker_is_faster()  # or not; in any case it has an answer then
    happened = sorted(log.events(), key=lambda event: event["time"])
    start = happened[0]["time"]
    return [event | {"time": round(event["time"] - start, 4)} for event in happened]


def left(happened: list[Event], rows: int) -> str:
    """Say what is left of a case."""
    events = [event["event"] for event in happened]
    answers = [event for event in events if event in {"found", "not found"}]
    receipt = {"found": "sent", "not found": "not sent: no row"}
    said = receipt[answers[0]] if answers else "not sent: no message"
    return f"rows: {rows}, messages: {events.count('message')}, receipt {said}"


def run(folder: Path) -> dict[str, list[Event]]:
    """Run the worker and the cases."""
    for name in ("control", "sent"):
        (folder / "queue" / name).mkdir(parents=True)
    os.environ["SHOP_LOG"] = str(folder / "log.jsonl")
    os.environ["SHOP_DATABASE"] = str(folder / "shop.db")
    os.environ["SHOP_QUEUE"] = str(folder / "queue")
    from shop import database  # it looks at the environment

    database.create()
    cases = {}
    with (folder / "output").open("wb") as stream:
        command = [sys.executable, *WORKER, "--loglevel", "INFO"]
        worker = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        wait_for(folder / "output", " ready.")
        for view, accident in CASES:
            before = database.count()
            case = f"{view}, {accident}"
            cases[case] = request(view, accident)
            sys.stdout.write(f"{case}\n")
            sys.stdout.write(f"    {left(cases[case], database.count() - before)}\n")
    finally:
        worker.terminate()
        worker.wait()
    return cases


def text(cases: dict[str, list[Event]]) -> str:
    """Return the lines of a file: with what and when, and each event."""
    versions = {name: version(name) for name in ("celery", "kombu")}
    versions["Python"] = platform.python_version()
    about = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "versions": versions}
    events = [{"case": case} | event for case in cases for event in cases[case]]
    return "".join(f"{json.dumps(line)}\n" for line in [about, *events])


def order(lines: str) -> list[tuple[str, str, str]]:
    """Return the events of a file without their times."""
    events = [json.loads(line) for line in lines.splitlines()[1:]]
    return [(event["case"], event["process"], event["event"]) for event in events]


def main() -> None:
    """Run the cases, and compare or write."""
    with tempfile.TemporaryDirectory() as folder:
        lines = text(run(Path(folder)))
    if "--write" in sys.argv:
        KNOWN.write_text(lines, encoding="utf-8")
    same = order(lines) == order(KNOWN.read_text(encoding="utf-8"))
    sys.exit(None if same else "another order of events than in cases.jsonl")


if __name__ == "__main__":
    main()

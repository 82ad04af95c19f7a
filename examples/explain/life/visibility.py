"""A program: send one task to two workers on Redis, and print what happens.

With ``--write``, ``visibility.log`` gets it, and with what it was seen.
"""

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

KNOWN = Path(__file__).with_name("visibility.log")
SECONDS = 3  # that the task takes; Redis waits for two
PATIENCE = 60  # seconds for all of it, on a busy machine
WORKER = [sys.executable, "-m", "celery", "-A", "shop.slow", "worker"]
OPTIONS = ["--concurrency", "1", "--without-mingle", "--without-gossip", "--loglevel", "INFO"]


def wait_for(path: Path, text: str, times: int) -> None:
    """Wait until a file holds a text as often as told.

    Raises:
        TimeoutError: if it does not in time.

    """
    deadline = time.monotonic() + PATIENCE
    while not path.exists() or path.read_text(encoding="utf-8").count(text) < times:
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {text!r} in {path.name}")
        time.sleep(0.02)


def told(log: str) -> list[str]:
    """Return the log by the time since its first line, with workers named in order of appearance."""
    lines = sorted((line.split(" ", 2) for line in log.splitlines()), key=lambda line: line[0])
    start = float(lines[0][0])
    names = {"web": "web"}
    printed = []
    for moment, who, what in lines:
        name = names.setdefault(who, f"worker {len(names)}")
        printed.append(f"{float(moment) - start:.3f}s {name}: {what}")
    return printed


def seen() -> str:
    """Return when this was seen, and with which versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("celery", "kombu", "redis"))
    return f"# Seen on {datetime.now(UTC):%Y-%m-%d} with {versions}, Python {platform.python_version()}."


def main() -> None:
    """Run the two workers, send the task, wait for both of its runs, and print the log."""
    with tempfile.TemporaryDirectory() as folder:
        log, output = Path(folder, "log"), Path(folder, "output")
        os.environ["LOG"] = str(log)
        from shop.slow import celery_app, note, ship  # it looks at LOG

        celery_app.control.purge()
        with output.open("wb") as stream:
            workers = [
                subprocess.Popen(
                    [*WORKER, *OPTIONS, "--hostname", f"{name}@%h"],
                    stderr=stream,
                    stdout=stream,
                    start_new_session=True,
                )
                for name in ("north", "south")
            ]
            try:
                wait_for(output, " ready.", len(workers))
                note("web", "sends a message")
                ship.delay(SECONDS)
                wait_for(log, "has shipped", 2)
                time.sleep(0.5)  # a third run would begin now
            finally:
                for worker in workers:
                    os.killpg(worker.pid, signal.SIGTERM)
                for worker in workers:
                    worker.wait()
        lines = told(log.read_text(encoding="utf-8"))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    if "--write" in sys.argv:
        KNOWN.write_text("\n".join([seen(), *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()

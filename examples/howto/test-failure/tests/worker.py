"""The worker of the shop, as a process that a test may kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from celery.result import AsyncResult

COMMAND = [sys.executable, "-m", "celery", "-A", "variants", "worker"]
OPTIONS = ["--concurrency", "6", "--loglevel", "INFO", "--without-mingle", "--without-gossip"]


class Worker:
    """It is started in a session of its own, so that all its processes can be killed at once."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        """Remember where it works."""
        self.environment = os.environ | environment | {"SHOP_RUNS": f"{folder}/runs"}
        self.runs, self.log = folder / "runs", folder / "log"
        self.runs.touch()
        self.sent, self.queue = folder / "sent", folder / "queue"

    def start(self, **variables: str) -> None:
        """Start it, with variables of its own."""
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [*COMMAND, *OPTIONS],
                env=self.environment | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        """Say whether it waits for messages."""
        return " ready." in self.log.read_text()

    def kill(self) -> None:
        """Kill all its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask its main process to end, as a deploy does."""
        self.process.send_signal(signal.SIGTERM)

    def kill_process_of(self, task: AsyncResult) -> None:
        """Kill the process of the pool that works on a task."""
        os.kill(int(self.noted("begins", task)[-1]), signal.SIGKILL)

    def noted(self, what: str, task: AsyncResult) -> list[str]:
        """Return what the worker has noted of a task, in order."""
        lines = (line.split() for line in self.runs.read_text().splitlines())
        return [note for task_id, kind, note in lines if (task_id, kind) == (task.id, what)]

    def wait_until(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Look again and again; hand over the messages that are complete."""
        deadline = monotonic() + seconds
        while not condition():
            if monotonic() > deadline:
                raise TimeoutError(self.log.read_text())
            for message in self.sent.iterdir():
                if message.stat().st_size:
                    message.rename(self.queue / message.name)
            sleep(0.01)

    def wait_a_little(self, condition: Callable[[], bool]) -> None:
        """Wait no longer than a single test may take; the next one waits on."""
        with suppress(TimeoutError):
            self.wait_until(condition, seconds=2.5)

"""Programs that a measurement starts: each in a process group of its own, which ends with the measurement."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


running: set[subprocess.Popen[bytes]] = set()  # what kill_everything() ends


def start(command: list[str], log: Path, **options: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401 - of Popen
    """Start a program in a process group of its own; what it prints is appended to `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=end_with_this_run,  # noqa: PLW1509 - the servers' threads start later
            **options,
        )
    running.add(process)
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program with its children, also when it has ended itself, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    running.discard(process)


def kill_everything() -> None:
    """Kill all programs that still run, at once: somebody has interrupted the run."""
    for process in list(running):
        kill(process)


def end_with_this_run() -> None:
    """Have Linux stop this program when the run is killed and cannot do it itself."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


class Program:
    """A program that runs: started with `with`, killed with its children at the end."""

    def __init__(
        self, command: list[str], cwd: Path, environment: Mapping[str, str], log: Path
    ) -> None:
        """Start it; what it prints is appended to `log`."""
        self.log = log
        self.process = start(command, log, cwd=cwd, env=environment)

    @property
    def pid(self) -> int:
        """The id of the main process, which is that of its group."""
        return self.process.pid

    def children(self) -> list[int]:
        """Return the ids of its child processes."""
        path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        try:
            return [int(pid) for pid in path.read_text(encoding="ascii").split()]
        except FileNotFoundError:  # it has ended
            return []

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the main process only."""
        self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it with its children, and wait until the main process is gone."""
        kill(self.process)

    def ended(self, seconds: float) -> bool:
        """Wait until it has ended; say whether it did in time."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def __enter__(self) -> Self:
        """Return it, running."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Kill what is left."""
        self.kill()

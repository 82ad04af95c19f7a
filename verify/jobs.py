"""Run work in forked processes, a few at a time: each job starts from the same clean state.

Celery keeps global state (current app, task registry), so no two pages may share a process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

from verify.warm import WARM

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

# Jobs also wait for programs that they started; more at once is slower (measured on 2 cores).
AT_ONCE = (os.cpu_count() or 1) + 1
_FORK = multiprocessing.get_context("fork")
_SERVER = multiprocessing.get_context("forkserver")
# Kinds of jobs that start programs. They begin in a clean process, which can fork those programs.
STARTERS = {"session", "fails", "project", "checkup"}


class JobError(Exception):
    """A job that ended without a result; the message holds its traceback."""


def _child(function: Callable[[], Any], pipe: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the plugin's is for the run itself
    try:
        answer = ("result", function())
    except BaseException:  # noqa: BLE001 - whatever page code raises is the answer
        answer = ("error", traceback.format_exc())
    with contextlib.suppress(BrokenPipeError):  # the run has ended, nobody asks any more
        pipe.send(answer)
    sys.stdout.flush()
    os._exit(0)  # no thread, fixture or exit handler of the parent runs here


class Jobs:
    """Jobs by key; asking for a result runs whatever is waiting, in the order of `add`."""

    def __init__(self, *, cold: bool = False) -> None:
        """Begin without jobs; `cold` starts every program as itself (see warm.py)."""
        _SERVER.set_forkserver_preload([] if cold else [WARM])
        self.waiting: dict[tuple[str, ...], Callable[[], Any]] = {}
        self.running: dict[tuple[str, ...], tuple[BaseProcess, Connection]] = {}
        self.answers: dict[tuple[str, ...], tuple[str, Any]] = {}

    def __contains__(self, key: tuple[str, ...]) -> bool:
        """Say whether a job is known, whatever its state."""
        return key in self.waiting or key in self.running or key in self.answers

    def add(self, key: tuple[str, ...], function: Callable[[], Any]) -> None:
        """Queue a job; a key that is known is not queued again."""
        if key not in self:
            self.waiting[key] = function

    def order(self, rank: Callable[[Any], Any]) -> None:
        """Sort the jobs that wait; those of equal rank keep their order."""
        self.waiting = dict(sorted(self.waiting.items(), key=lambda pair: rank(pair[0])))

    def _start(self) -> None:
        while self.waiting and len(self.running) < AT_ONCE:
            key = next(iter(self.waiting))
            function = self.waiting.pop(key)
            kind = _SERVER if key[0] in STARTERS else _FORK
            ours, theirs = kind.Pipe(duplex=False)
            process = kind.Process(target=_child, args=(function, theirs))
            process.start()
            theirs.close()
            self.running[key] = (process, ours)

    def _collect(self) -> None:
        keys: dict[object, tuple[str, ...]] = {pipe: key for key, (_, pipe) in self.running.items()}
        for ready in multiprocessing.connection.wait([pipe for _, pipe in self.running.values()]):
            key = keys[ready]
            process, pipe = self.running.pop(key)
            try:
                self.answers[key] = pipe.recv()
            except EOFError:
                process.join()
                self.answers[key] = ("error", f"the process died with exit code {process.exitcode}")
            process.join()

    def result(self, key: tuple[str, ...]) -> Any:  # noqa: ANN401
        """Wait for a job and return what it returned.

        Raises:
            JobError: if it raised.

        """
        while key not in self.answers:
            self._start()
            self._collect()
            self._start()
        kind, value = self.answers[key]
        if kind == "error":
            raise JobError(value)
        return value

    def close(self) -> None:
        """Interrupt what still runs, as Ctrl+C does, so that it ends the programs that it started."""
        self.waiting.clear()
        for process, _ in self.running.values():
            if process.pid and process.is_alive():
                os.kill(process.pid, signal.SIGINT)
        for process, pipe in self.running.values():
            pipe.close()
            process.join()
        self.running.clear()

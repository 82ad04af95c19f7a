"""The app that is measured. A worker finds its settings in `BENCH_SETTINGS`, and its marks in `BENCH_MARKS`.

Marks are times in a file of doubles that the measuring program maps, too: mark 0 when the worker is ready, mark
`number` when that task is done. Each task has a mark of its own, so no lock slows the tasks down.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import time
from pathlib import Path
from typing import Any

from celery import Celery
from celery.signals import worker_ready

DOUBLE = struct.Struct("=d")


class Marks:
    """Times, by the clock that all processes share (`time.monotonic`); 0 is not yet."""

    def __init__(self, path: Path, count: int = 0) -> None:
        """Open the file; make it with room for so many marks if a count is given."""
        if count:
            path.write_bytes(bytes(DOUBLE.size * count))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
        self.count = len(self.memory) // DOUBLE.size

    def set(self, number: int) -> None:
        """Set a mark now."""
        DOUBLE.pack_into(self.memory, DOUBLE.size * number, time.monotonic())

    def get(self, number: int) -> float:
        """Return one time."""
        return DOUBLE.unpack_from(self.memory, DOUBLE.size * number)[0]

    def all(self) -> list[float]:
        """Return every time, from mark 0 on."""
        return [time for (time,) in DOUBLE.iter_unpack(self.memory[:])]


def make_app(settings: dict[str, Any], marks: Marks | None = None) -> Celery:
    """Make an app with the task; only a worker needs marks."""
    app = Celery("bench", set_as_current=False)
    app.conf.update(settings)

    @app.task(name="work", shared=False)
    def work(number: int, seconds: float = 0.0) -> int:
        """Sleep, and mark the end."""
        if seconds:
            time.sleep(seconds)
        if marks:
            marks.set(number)
        return number

    return app


if "BENCH_SETTINGS" in os.environ:
    found = Marks(Path(os.environ["BENCH_MARKS"]))
    app = make_app(json.loads(os.environ["BENCH_SETTINGS"]), found)
    worker_ready.connect(lambda **_: found.set(0), weak=False)

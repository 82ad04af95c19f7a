"""A clock for Celery; beats run by it without waiting."""

from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace

import celery.beat
import pytest
from celery import Celery, Task
from celery.beat import Scheduler
from shop import rows, tasks


class Clock:
    """Shows the same time until it is set, or a beat waits."""

    def __init__(self, app: Celery, patch: pytest.MonkeyPatch) -> None:
        """Take the place of the real clock, and note what is sent."""
        self.time = datetime(2027, 1, 14, 9, tzinfo=UTC)
        self.sent: list[str] = []
        self.arguments: list[tuple[object, ...]] = []
        patch.setattr(app, "now", lambda: self.time)
        patch.setattr(celery.beat, "time", SimpleNamespace(monotonic=self.monotonic))

        for module in (rows, tasks):
            patch.setattr(module, "datetime", SimpleNamespace(now=self.now))

        def send(task: Task, args: tuple[object, ...] = (), *_: object, **__: object) -> None:
            minute = self.time + timedelta(seconds=1)
            if args:  # a report, and not the sweep
                self.arguments.append(tuple(args))
                self.sent.append(f"{minute:%d %H:%M} customer {args[0]}")
            assert task.name in app.tasks

        patch.setattr(Task, "apply_async", send)

    def now(self, zone: tzinfo) -> datetime:
        """Return the time."""
        return self.time.astimezone(zone)

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.time.timestamp()

    def set(self, text: str) -> None:
        """Set it to a time of 2027: "01-15 02:30"."""
        self.time = datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)

    def run(self, text: str, *beats: Scheduler) -> list[str]:
        """Run beats until it shows this time; return what they have sent, and when."""
        end = datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)
        before = len(self.sent)
        while self.time < end:
            seconds = min(beat.tick() for beat in beats)
            self.time = min(end, self.time + timedelta(seconds=max(seconds, 0.01)))
        return self.sent[before:]

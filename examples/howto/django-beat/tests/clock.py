"""A clock for Django, Celery and django-celery-beat; beats run by it without waiting."""

from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace

import celery.app.base
import celery.beat
import django.utils.timezone
import django_celery_beat.schedulers
import django_celery_beat.tzcrontab
import pytest
from celery import Task
from celery.beat import Scheduler
from django.utils.timezone import get_default_timezone


class Clock:
    """Shows the same time until it is set, or a beat waits."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        """Take the place of the real clock, and note what is sent."""
        self.time = datetime(2027, 1, 14, 9, tzinfo=UTC)
        self.sent: list[str] = []
        clock = self

        class Now(datetime):
            """Asks this clock for the time."""

            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:
                """Return an aware time, or Django's local time."""
                if tz:
                    return clock.time.astimezone(tz)
                return clock.time.astimezone(get_default_timezone()).replace(tzinfo=None)

            @classmethod
            def utcnow(cls) -> datetime:
                """Return a naive time in UTC."""
                return clock.time.replace(tzinfo=None)

        for module in (celery.app.base, django.utils.timezone, django_celery_beat.tzcrontab):
            patch.setattr(module, "datetime", Now)
        module_datetime = SimpleNamespace(datetime=Now, timedelta=timedelta)
        patch.setattr(django_celery_beat.schedulers, "datetime", module_datetime)
        patch.setattr(celery.beat, "time", SimpleNamespace(monotonic=self.monotonic))
        # A test has no end of a process, and its transaction must stay open.
        for name in ("Finalize", "close_old_connections"):
            patch.setattr(django_celery_beat.schedulers, name, lambda *_, **__: None)

        def send(_: Task, *__: object, headers: dict[str, str], **___: object) -> None:
            minute = clock.time + timedelta(seconds=1)
            clock.sent.append(f"{minute:%d %H:%M} {headers['periodic_task_name']}")

        patch.setattr(Task, "apply_async", send)

    def monotonic(self) -> float:
        """Return the time in seconds."""
        return self.time.timestamp()

    def set(self, text: str) -> None:
        """Set it to a time of 2027, in UTC: "01-15 02:30"."""
        self.time = datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)

    def run(self, text: str, *beats: Scheduler) -> list[str]:
        """Run beats until it shows this time; return what they have sent, and when."""
        end = datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC)
        before = len(self.sent)
        while self.time < end:
            seconds = min(beat.tick() for beat in beats)
            self.time = min(end, self.time + timedelta(seconds=max(seconds, 0.01)))
        return self.sent[before:]

"""When a schedule is due: asked of the schedule itself, with a clock that is not the real one."""

import argparse
import sys
from datetime import UTC, datetime, timedelta

from celery.schedules import BaseSchedule, crontab


def upcoming(when: BaseSchedule, start: datetime, end: datetime) -> list[datetime]:
    """Return the times at which a beat that runs from start to end sends a task."""
    before = when.nowfun
    now = last_run = start.astimezone(UTC)
    when.nowfun = lambda: now
    times = []
    while now < end:
        due, seconds = when.is_due(last_run)
        if due:
            times.append(now.astimezone(when.tz))
            last_run = now
        now += timedelta(seconds=seconds)
    when.nowfun = before
    return times


def main(arguments: list[str] | None = None) -> None:
    """Print the runs of every crontab of the settings."""
    from shop.celery_app import celery_app

    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=datetime.fromisoformat, default=datetime.now(UTC))
    parser.add_argument("--days", type=int, default=1)
    options = parser.parse_args(arguments)
    for name, entry in celery_app.conf.beat_schedule.items():
        when = entry["schedule"]
        if isinstance(when, crontab):
            first = options.first.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=when.tz)
            last = first + timedelta(days=options.days)
            # A run counts that is due at midnight.
            for time in upcoming(when, first - timedelta(seconds=1), last):
                sys.stdout.write(f"{time:%Y-%m-%d %H:%M %Z}  {name}\n")


if __name__ == "__main__":
    main()

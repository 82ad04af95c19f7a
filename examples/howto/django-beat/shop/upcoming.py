"""When a schedule is due: asked of the schedule itself, with a clock that is not the real one."""

from datetime import UTC, datetime, timedelta

from django_celery_beat.models import CrontabSchedule


def upcoming(row: CrontabSchedule, start: datetime, end: datetime) -> list[datetime]:
    """Return the times at which a beat that runs from start to end sends a task."""
    schedule = row.schedule
    now = last_run = start.astimezone(UTC)
    schedule.nowfun = lambda: now
    times = []
    while now < end:
        due, seconds = schedule.is_due(last_run)
        if due:
            times.append(now.astimezone(row.timezone))
            last_run = now
        now += timedelta(seconds=seconds)
    return times

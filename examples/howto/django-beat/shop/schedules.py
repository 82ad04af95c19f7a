"""Schedules that code creates and changes."""

import json
from datetime import time

from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask


def crontab_at(at: time, zone: str) -> CrontabSchedule:
    """Return the row for a time of day; the table may hold equal rows, so take the first."""
    fields = {"minute": str(at.minute), "hour": str(at.hour), "timezone": zone}
    every_day = {"day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}
    found = CrontabSchedule.objects.filter(**fields, **every_day).first()
    return found or CrontabSchedule.objects.create(**fields)


def run_daily(name: str, task: str, at: time, zone: str, **kwargs: object) -> PeriodicTask:
    """Send a task each day, from now on, when the clock of the zone shows this time."""
    values = {
        "task": task,
        "kwargs": json.dumps(kwargs),
        "crontab": crontab_at(at, zone),
        "interval": None,  # a row has one schedule only
        "last_run_at": None,  # or beat sends what seems missed between the old time and the new
    }
    row, _ = PeriodicTask.objects.update_or_create(name=name, defaults=values)
    return row


def run_every(name: str, task: str, seconds: int, **kwargs: object) -> PeriodicTask:
    """Send a task again and again, for the first time after one interval."""
    fields = {"every": seconds, "period": IntervalSchedule.SECONDS}
    interval = IntervalSchedule.objects.filter(**fields).first()
    values = {
        "task": task,
        "kwargs": json.dumps(kwargs),
        "crontab": None,
        "interval": interval or IntervalSchedule.objects.create(**fields),
        "last_run_at": None,
    }
    row, _ = PeriodicTask.objects.update_or_create(name=name, defaults=values)
    return row

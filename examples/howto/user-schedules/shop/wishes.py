"""What users may ask for."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from celery.schedules import crontab

KINDS = {"report": "shop.tasks.make_report"}
ZONES = available_timezones()
# Minute, hour or *, and weekdays or *: once an hour at most.
FORM = re.compile(r"[0-9]{1,2} (\*|[0-9]{1,2}) \* \* (\*|[0-6](,[0-6]){0,6})")


class InZone(crontab):
    """A crontab whose hour is that of a place."""

    def __init__(self, zone: str, *args: int | str, **kwargs: int | str) -> None:
        """Take a zone, as "Europe/Berlin", and what a crontab takes."""
        super().__init__(*args, **kwargs)
        self.tz = ZoneInfo(zone)

    def next_run(self, now: datetime) -> int:
        """Return the next time after now, in seconds since 1970."""
        self.nowfun = lambda: now
        return round((now + self.remaining_estimate(now)).timestamp())


def read(kind: str, cron: str, zone: str) -> InZone:
    """Return the schedule of a wish; raises ValueError if it is not allowed."""
    if kind not in KINDS:
        raise ValueError("there is no such task")
    if zone not in ZONES:
        raise ValueError("there is no such time zone")
    if not FORM.fullmatch(cron):
        raise ValueError("say when as in 30 8 * * 1,5")
    minute, hour, _, _, weekdays = cron.split()
    return InZone(zone, minute, hour, weekdays)

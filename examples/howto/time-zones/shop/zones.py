"""Crontabs, each with a time zone of its own."""

from typing import Any
from zoneinfo import ZoneInfo

from celery.schedules import crontab


class InZone(crontab):
    """A crontab whose hour is that of a place.

    Raises ZoneInfoNotFoundError if there is no such zone.
    """

    def __init__(self, zone: str, *args: int | str, **kwargs: int | str) -> None:
        """Take a zone, as "Europe/Berlin", and what a crontab takes."""
        super().__init__(*args, **kwargs)
        self.tz = ZoneInfo(zone)

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep the zone in the file of beat."""
        cls, fields, state = super().__reduce__()
        return cls, (self.tz.key, *fields), state

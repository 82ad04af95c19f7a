"""Say when beat will send what."""

from argparse import ArgumentParser
from datetime import date, datetime, time, timedelta

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from shop.upcoming import upcoming


class Command(BaseCommand):
    """Print the runs of all crontab schedules that are enabled."""

    help = "Say when beat will send what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the days."""
        parser.add_argument("--first", type=date.fromisoformat, default=timezone.localdate())
        parser.add_argument("--days", type=int, default=1)

    def handle(self, *_: object, first: date, days: int, **__: object) -> None:
        """Print one line per run, in the time zone of its schedule."""
        for row in PeriodicTask.objects.enabled().exclude(crontab=None):
            midnight = datetime.combine(first, time(), row.crontab.timezone)
            before = midnight - timedelta(seconds=1)
            for at in upcoming(row.crontab, before, midnight + timedelta(days=days)):
                self.stdout.write(f"{at:%Y-%m-%d %H:%M %Z}  {row.name}")

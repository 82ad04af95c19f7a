"""The clean-up without beat: cron can run it."""

from config import celery_app
from django.core.management import BaseCommand


class Command(BaseCommand):
    """Do what the task `celery.backend_cleanup` does, in this process."""

    help = "Delete the task results that have expired."

    def handle(self, *_: object, **__: object) -> None:
        """Ask the result backend."""
        celery_app.backend.cleanup()

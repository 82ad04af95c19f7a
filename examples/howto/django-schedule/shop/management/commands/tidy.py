"""The clean-up, for cron and for you."""

from django.core.management.base import BaseCommand

from shop.clean_up import delete_old_jobs


class Command(BaseCommand):
    """Run the clean-up here and now, without Celery."""

    help = "Delete what the shop does not keep."

    def handle(self, **_options: object) -> str:
        """Say how much was deleted."""
        return f"{delete_old_jobs()} jobs deleted"

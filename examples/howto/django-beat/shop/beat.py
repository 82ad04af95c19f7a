"""Schedulers for beat."""

from celery.utils.log import get_logger
from django.db import connections
from django.db.models import QuerySet
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

logger = get_logger(__name__)


class AllRows(DatabaseScheduler):
    """Reads every schedule, not only those whose hour is near."""

    def enabled_models_qs(self) -> QuerySet[PeriodicTask]:
        """Leave out nothing but what is disabled."""
        return PeriodicTask.objects.enabled()


class OneBeat(AllRows):
    """Sends only while it holds a lock of PostgreSQL; a second beat stands by."""

    key = 27  # any number that nothing else in this database locks
    leads = False

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Get a connection of its own, as Django closes the usual one."""
        self.connection_with_lock = connections.create_connection("default")
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Read nothing yet: it would be old by the time this beat gets the lock."""

    def tick(self, *args: object, **kwargs: object) -> float:
        """Send what is due, and say when to come again.

        Raises OperationalError if the connection is lost, and with it the lock. Beat ends then.
        """
        with self.connection_with_lock.cursor() as cursor:
            if self.leads:
                cursor.execute("SELECT 1")
            else:
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
                (self.leads,) = cursor.fetchone()
                if not self.leads:
                    return self.max_interval
                logger.info("OneBeat: this beat has the lock.")
                super().setup_schedule()
        return super().tick(*args, **kwargs)

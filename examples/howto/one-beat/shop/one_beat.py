"""A scheduler for beat. Of several beats, one sends, and the others stand by."""

import os
from functools import cached_property

import psycopg
from celery.beat import ScheduleEntry, Scheduler
from celery.utils.log import get_logger

logger = get_logger(__name__)
URL = os.environ.get("DATABASE_URL", "postgresql://shop@127.0.0.1/shop")
KEY = 27  # any number that nothing else in this database locks
TABLE = """CREATE TABLE IF NOT EXISTS beat_runs
(name text PRIMARY KEY, last_run_at timestamptz NOT NULL)"""
NOTE = """INSERT INTO beat_runs VALUES (%s, %s)
ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at"""
# The server gives up a silent client after a minute, not after two hours.
OPTIONS = """-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10
-c tcp_keepalives_count=3"""


class OneBeat(Scheduler):
    """Sends while it holds a lock of PostgreSQL, and notes its runs there."""

    max_interval = 5
    leads = False

    @cached_property
    def database(self) -> psycopg.Connection:
        """Return a connection of its own; the lock belongs to it."""
        return psycopg.connect(URL, autocommit=True, connect_timeout=5, options=OPTIONS)

    def setup_schedule(self) -> None:
        """Read nothing yet: it would be old by the time this beat gets the lock."""

    def tick(self, *args: object, **kwargs: object) -> float:
        """Send what is due, and say when to come again.

        Raises OperationalError if the connection is lost, and with it the lock.
        """
        if self.leads:
            self.database.execute("SELECT 1")
        elif not self.lead():
            return self.max_interval
        return super().tick(*args, **kwargs)

    def lead(self) -> bool:
        """Take the lock if it is free, and go on where the last beat ended."""
        lock = self.database.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
        (self.leads,) = lock.fetchone()
        if self.leads:
            logger.info("OneBeat: this beat has the lock.")
            super().setup_schedule()
            self.database.execute(TABLE)
            for name, last_run_at in self.database.execute("SELECT * FROM beat_runs"):
                if name in self.schedule:
                    self.schedule[name].last_run_at = last_run_at
        return self.leads

    def apply_entry(self, entry: ScheduleEntry, producer: object = None) -> None:
        """Send the task, and note it."""
        super().apply_entry(entry, producer)
        last_run_at = self.schedule[entry.name].last_run_at
        self.database.execute(NOTE, [entry.name, last_run_at])

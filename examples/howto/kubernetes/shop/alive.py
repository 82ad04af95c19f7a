"""A file that says how the worker's main process does, for probes that need no Python and no broker."""

import os
from pathlib import Path

from celery import bootsteps
from celery.worker.consumer import Consumer
from make_celery import celery_app

FILE = Path(os.environ["WORKER_ALIVE_FILE"])
SECONDS = 2.0


class Alive(bootsteps.StartStopStep):
    """Touch the file while the worker consumes; remove it while there is no connection."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Consumer, **options: object) -> None:
        """Remove what a killed worker has left."""
        self.entry = None
        FILE.unlink(missing_ok=True)
        super().__init__(consumer, **options)

    def start(self, consumer: Consumer) -> None:
        """Begin, when the worker has a connection and its queues."""
        FILE.touch()
        self.entry = consumer.timer.call_repeatedly(SECONDS, FILE.touch)

    def stop(self, consumer: Consumer) -> None:
        """End, when the connection is lost or the worker is told to stop."""
        if self.entry is not None:
            consumer.timer.cancel(self.entry)
        FILE.unlink(missing_ok=True)


celery_app.steps["consumer"].add(Alive)

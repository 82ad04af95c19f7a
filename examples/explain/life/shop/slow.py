"""A task that takes longer than Redis waits for its acknowledgement, and a log of what happens."""

import os
import time
from pathlib import Path

from celery import Celery, Task, signals
from celery.worker.request import Request

LOG = Path(os.environ.get("LOG", "visibility.log"))

celery_app = Celery("slow", broker=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"))
celery_app.conf.update(
    broker_transport_options={
        "global_keyprefix": "visibility:",
        "visibility_timeout": 2,  # seconds; 3600 if you say nothing
        # A worker looks for late messages every 0.1 s, in place of every 100 s.
        "unacked_restore_interval": 0.1,
        "unacked_restore_throttle": 1,
    },
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)


def note(who: str, what: str) -> None:
    """Add a line to the log: the time in seconds, who, and what."""
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"{time.time():.3f} {who} {what}\n")


@celery_app.task
def ship(seconds: float) -> None:
    """Ship a parcel, which takes some seconds."""
    time.sleep(seconds)


@signals.task_received.connect
def note_received(request: Request, **_: object) -> None:
    """Note that a worker has a message, and whether Redis hands it out again."""
    again = request.delivery_info["redelivered"]
    note(request.hostname, "takes it again" if again else "takes it")


@signals.task_prerun.connect
def note_start(task: Task, **_: object) -> None:
    """Note that a task begins."""
    note(task.request.hostname, "begins")


@signals.task_postrun.connect
def note_end(task: Task, **_: object) -> None:
    """Note that a task has ended; its worker acknowledges the message now."""
    note(task.request.hostname, "has shipped")

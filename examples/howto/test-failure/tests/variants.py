"""The app of the tests' worker: that of the shop, which also notes its runs, with one body under five settings."""

import os
from pathlib import Path

from celery import Task, signals
from shop.celery_app import celery_app
from shop.tasks import charge

# A folder as the broker: its worker waits ten seconds for a result of a dead process.
celery_app.conf.worker_lost_wait = 0.2
charge.default_retry_delay = 0


def note(task_id: str, what: str) -> None:
    """Write down what this process does."""
    with Path(os.environ["SHOP_RUNS"]).open("a") as file:
        file.write(f"{task_id} {what} {os.getpid()}\n")


@signals.task_prerun.connect
def begins(task_id: str, **_: object) -> None:
    """Note the process of the pool that begins a task."""
    note(task_id, "begins")


@signals.task_success.connect
@signals.task_failure.connect
def ended(sender: Task, task_id: str | None = None, **_: object) -> None:
    """Note that a task has ended; for a dead process, the main one does."""
    note(task_id or sender.request.id, "ended")


SETTINGS: dict[str, dict[str, object]] = {
    "default": {},
    "acks_late": {"acks_late": True},
    "reject_on_worker_lost": {"reject_on_worker_lost": True},
    "both": {"acks_late": True, "reject_on_worker_lost": True},
    "retry_on_worker_lost": {"retry_on_worker_lost": True, "default_retry_delay": 0},
}
VARIANTS = {
    name: celery_app.task(charge.run, name=f"tests.{name}", **settings)
    for name, settings in SETTINGS.items()
}


@celery_app.task(name="tests.last")
def last() -> None:
    """Do nothing: when it begins, all messages before it have been read."""

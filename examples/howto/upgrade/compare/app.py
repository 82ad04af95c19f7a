"""Tasks that exist in every version; the settings come from the environment."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from celery import Celery, chain, chord
from celery.result import AsyncResult

SETTINGS = "COMPARE_SETTINGS"  # the variable that holds the settings of a worker, as JSON
NOTES = "COMPARE_NOTES"  # the variable that names the file in which tasks say that they began

celery_app = Celery("compare")
celery_app.conf.update(json.loads(os.environ.get(SETTINGS, "{}")))


def note(text: str) -> None:
    """Add a line to the notes."""
    with Path(os.environ[NOTES]).open("a") as notes:
        notes.write(text + "\n")


@celery_app.task(name="add")
def add(first: int, second: int) -> int:
    """Return the sum."""
    return first + second


@celery_app.task(name="types")
def types(*values: object) -> list[str]:
    """Return the types that have arrived."""
    return [type(value).__name__ for value in values]


@celery_app.task(name="total")
def total(numbers: list[int]) -> int:
    """Return the sum of what a chord's header returned."""
    return sum(numbers)


@celery_app.task(name="again", bind=True, max_retries=1)
def again(self) -> int:  # noqa: ANN001 - the same in each version
    """Fail once, then return the number of retries."""
    if not self.request.retries:
        raise self.retry(countdown=0)
    return self.request.retries


@celery_app.task(name="fail")
def fail() -> None:
    """Raise an error."""
    raise ValueError("no")


@celery_app.task(name="slow")
def slow(seconds: float) -> None:
    """Wait, and note the end."""
    note("begin")
    time.sleep(seconds)
    note("end")


@celery_app.task(
    name="die", bind=True, max_retries=1, default_retry_delay=1, retry_on_worker_lost=True
)
def die(self) -> None:  # noqa: ANN001 - the same in each version
    """End this process, as the kernel does when memory runs out."""
    note(f"begin {self.request.retries}")
    os.kill(os.getpid(), signal.SIGKILL)


def add_three_times() -> AsyncResult:
    """Send a chain."""
    return chain(add.s(1, 2), add.s(3), add.s(4)).delay()


def add_all() -> AsyncResult:
    """Send a chord."""
    return chord([add.s(1, 2), add.s(3, 4)], total.s()).delay()

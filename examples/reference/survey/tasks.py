"""Tasks that note when they begin and end."""

import os
import time
from pathlib import Path

from celery import Celery

from survey.common import FOLDER, celery_settings

celery_app = Celery("measure")
celery_app.conf.update(
    celery_settings(),
    worker_soft_shutdown_timeout=float(os.environ.get("MEASURE_SOFT_TIMEOUT", "0")),
)


def note(word: str, name: str) -> None:
    """Write down what has happened."""
    with (Path(os.environ[FOLDER]) / "notes").open("a") as file:
        file.write(f"{word} {name}\n")


def work(name: str, seconds: float) -> str:
    """Wait, and note the beginning and the end."""
    note("begin", name)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.05)
    note("end", name)
    return name


early = celery_app.task(work, name="early")
late = celery_app.task(work, name="late", acks_late=True)


@celery_app.task
def where() -> int:
    """Return the process that this runs in."""
    return os.getpid()


@celery_app.task
def compute(seconds: float) -> str:
    """Keep a processor busy, without a break in which something else could run."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(1000))
    return "computed"


@celery_app.task
def grow(megabytes: int) -> int:
    """Use memory, and return the process that does."""
    return os.getpid() if bytearray(megabytes * 2**20) else 0


@celery_app.task
def leave() -> None:
    """End the process, as the kernel does when memory runs out."""
    os._exit(1)

"""A folder for each job: what the customer sent, and what the worker made of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery import uuid

from shop.config import get_settings


class JobError(Exception):
    """What the customer sent cannot be used; the text is for the customer."""


def folder(job_id: str) -> Path:
    """Return the folder of a job."""
    return get_settings().job_folder / job_id


def create() -> str:
    """Make a job, and return its id, which nobody can guess."""
    job_id = uuid()
    folder(job_id).mkdir(parents=True)
    return job_id


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Have a file written under another name first: it is there as a whole or not."""
    partial = path.with_name(f"{path.name}.{uuid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)

"""Tasks that a client may ask about."""

from celery import Task
from flask import url_for
from kombu.exceptions import OperationalError

from shop.errors import NotSentError
from shop.extensions import db
from shop.models import Job


def create() -> Job:
    """Save a job: the row first, so that no client ever holds an id that is not in the table."""
    job = Job()
    db.session.add(job)
    db.session.commit()
    return job


def send(task: Task, job: Job, *args: object) -> None:
    """Send the task of a job.

    Raises NotSentError if the broker or the result backend does not answer.
    """
    try:
        task.apply_async(args, task_id=job.id)
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        # The message may have arrived all the same; the task then finds this, and ends.
        job.cancelled = True
        db.session.commit()
        raise NotSentError from error


def accepted(job: Job) -> tuple[dict[str, str], int, dict[str, str]]:
    """Say where the state of a job can be read."""
    return {"id": job.id}, 202, {"Location": url_for("status.show", task_id=job.id)}

"""Tasks that a client may ask about."""

from typing import Any

from celery import Task
from fastapi import Request, Response
from kombu.exceptions import OperationalError
from pydantic import BaseModel
from sqlalchemy.orm import Session

from shop.errors import NotSentError, problems
from shop.models import Job

# What OpenAPI says about a route that starts a job.
RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {
        "description": "Accepted: ask there for the state",
        "headers": {"Location": {"schema": {"type": "string"}}},
    },
    **problems(400, 503),
}


class Accepted(BaseModel):
    """The answer to a request that a worker completes."""

    id: str


def create(session: Session) -> Job:
    """Save a job: the row first, so that no client ever holds an id that is not in the table."""
    job = Job()
    session.add(job)
    session.commit()
    return job


def send(session: Session, task: Task, job: Job, *args: object) -> None:
    """Send the task of a job.

    Raises NotSentError if the broker or the result backend does not answer.
    """
    try:
        task.apply_async(args, task_id=job.id)
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        # The message may have arrived all the same; the task then finds this, and ends.
        job.cancelled = True
        session.commit()
        raise NotSentError from error


def accepted(request: Request, response: Response, job: Job) -> Accepted:
    """Say where the state of a job can be read."""
    response.headers["Location"] = request.app.url_path_for("show_task", task_id=job.id)
    return Accepted(id=job.id)

"""What several routes need before they begin."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException, Request
from sqlalchemy.orm import Session

from shop.database import new_session
from shop.models import Job
from shop.states import TaskState, read_state


def get_session() -> Iterator[Session]:
    """Give a request its session, and close it."""
    with new_session() as session:
        yield session


# "function": the connection is free again before the answer is sent, however slow the client is.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def find_job(task_id: UUID, session: SessionDep) -> Job:
    """Return a job. An unknown id answers 404."""
    job = session.get(Job, str(task_id))
    if job is None:
        raise HTTPException(404, "no such task")
    return job


JobDep = Annotated[Job, Depends(find_job)]


def current_state(job: JobDep) -> TaskState:
    """Return the state of the task of a job."""
    return read_state(job.id)


StateDep = Annotated[TaskState, Depends(current_state)]


def require_json(request: Request) -> None:
    """Refuse what a form on another site could send."""
    content_type, *_ = request.headers.get("Content-Type", "").split(";")
    if content_type.strip().lower() != "application/json":
        raise HTTPException(415, "Content-Type must be application/json")

"""Tasks that belong to somebody."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.database import Job, new_session, now
from shop.security import UserDep

HOUR = timedelta(hours=1)


def get_session() -> Iterator[Session]:
    """Give a request its session, and close it."""
    with new_session() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session, scope="function")]


def create_job(session: Session, owner: str, limit: int) -> Job:
    """Save a job, or answer 429 if its owner has had too many within an hour."""
    hour_ago = now() - HOUR
    recent = select(func.count()).where(Job.owner == owner, Job.started_at > hour_ago)
    if session.scalar(recent) >= limit:
        raise HTTPException(429, "try again later", {"Retry-After": "3600"})
    job = Job(owner=owner)
    session.add(job)
    session.commit()
    return job


def find_job(task_id: UUID, user: UserDep, session: SessionDep) -> Job:
    """Return a job of the user. An unknown id, and somebody else's, answer 404."""
    job = session.scalar(select(Job).where(Job.id == str(task_id), Job.owner == user))
    if job is None:
        raise HTTPException(404, "no such task")
    return job


JobDep = Annotated[Job, Depends(find_job)]

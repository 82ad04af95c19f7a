"""Cancelling a task."""

from fastapi import APIRouter

from shop.dependencies import JobDep, SessionDep
from shop.errors import problems
from shop.jobs import Accepted

router = APIRouter(tags=["tasks"])


@router.delete("/tasks/{task_id}", status_code=202, responses=problems(404))
def cancel_task(job: JobDep, session: SessionDep) -> Accepted:
    """Ask for the end of a task."""
    # The task looks at this between two steps.
    job.cancelled = True
    session.commit()
    return Accepted(id=job.id)

"""Cancelling a task."""

from uuid import UUID

from flask import Blueprint

from shop.extensions import db
from shop.models import Job

bp = Blueprint("cancel", __name__)


@bp.delete("/tasks/<uuid:task_id>")
def cancel(task_id: UUID) -> tuple[dict[str, str], int]:
    """Ask for the end of a task. An unknown id answers 404."""
    job = db.get_or_404(Job, str(task_id), description="no such task")
    # The task looks at this between two steps.
    job.cancelled = True
    db.session.commit()
    return {"id": job.id}, 202

"""The state of a task, for clients that wait for one."""

import json
from typing import Any
from uuid import UUID

from celery import Celery
from celery.exceptions import TaskRevokedError
from celery.states import PROPAGATE_STATES
from flask import Blueprint, Response, current_app

from shop.extensions import db
from shop.models import Job
from shop.tasks import ReportError
from shop.thumbnails import ImageError

bp = Blueprint("status", __name__)

# Other errors can name hosts, queries or files.
PUBLIC_ERRORS = (ImageError, ReportError, TaskRevokedError)


@bp.get("/tasks/<uuid:task_id>")
def show(task_id: UUID) -> Response:
    """Say what is known about a task. An unknown id answers 404."""
    job = db.get_or_404(Job, str(task_id), description="no such task")
    answer = read_state(current_app.extensions["celery"], job.id)
    return Response(f"{as_json(answer)}\n", mimetype="application/json")


def read_state(celery_app: Celery, task_id: str) -> dict[str, Any]:
    """Return what a client may know about a task."""
    # One read: state and result of two reads need not belong together.
    meta = celery_app.backend.get_task_meta(task_id)
    state, value = meta["status"], meta["result"]
    answer = {"id": task_id, "state": state, "progress": 0, "result": None, "error": None}
    if state == "PROGRESS":
        answer["progress"] = 100 * value["done"] // value["total"]
    elif state == "SUCCESS":
        answer["progress"] = 100
        answer["result"] = value
    elif state in PROPAGATE_STATES:
        answer["error"] = str(value) if isinstance(value, PUBLIC_ERRORS) else type(value).__name__
    return answer


def as_json(answer: dict[str, Any]) -> str:
    """Return an answer as one line of JSON, with str() for what JSON does not know."""
    return json.dumps(answer, default=str, sort_keys=True)

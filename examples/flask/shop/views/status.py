"""The state of a task, for clients that wait for one."""

from celery.states import PROPAGATE_STATES
from flask import Blueprint, Response, current_app, json

from shop.extensions import db
from shop.models import Job
from shop.tasks import ReportError

bp = Blueprint("status", __name__)


@bp.get("/tasks/<task_id>")
def show(task_id: str) -> Response:
    """Say what is known about a task. An unknown id answers 404."""
    job = db.get_or_404(Job, task_id, description="no such task")
    # One read: state and result of two reads need not belong together.
    meta = current_app.extensions["celery"].backend.get_task_meta(job.id)
    state, value = meta["status"], meta["result"]
    answer = {"id": job.id, "state": state, "progress": 0, "result": None, "error": None}
    if state == "PROGRESS":
        answer["progress"] = 100 * value["done"] // value["total"]
    elif state == "SUCCESS":
        answer["progress"] = 100
        answer["result"] = value
    elif state in PROPAGATE_STATES:
        answer["error"] = public_message(value)
    # str() for what JSON does not know: a result may hold bytes or a time.
    return Response(f"{json.dumps(answer, default=str)}\n", mimetype="application/json")


def public_message(error: Exception) -> str:
    """Return what a client may read: other errors can name hosts, queries or files."""
    return str(error) if isinstance(error, ReportError) else type(error).__name__

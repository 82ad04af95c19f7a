"""The shop's HTTP interface."""

from typing import Any
from uuid import UUID

from celery.states import PROPAGATE_STATES, SUCCESS
from flask import Blueprint, abort, current_app, request, url_for
from kombu.exceptions import OperationalError

from shop.errors import NotSentError
from shop.tasks import make_report

bp = Blueprint("shop", __name__)
YEARS = range(1900, 2101)


@bp.get("/health")
def health() -> dict[str, str]:
    """Say that this process answers. Whether a broker does, it leaves to those who need one."""
    return {"status": "ok"}


@bp.post("/reports")
def create_report() -> tuple[dict[str, str], int, dict[str, str]]:
    """Have a worker make a report, and say where its state can be read."""
    body = request.get_json()
    year = body.get("year") if isinstance(body, dict) else None
    # A bool is an int in Python, hence type().
    if type(year) is not int or year not in YEARS:
        abort(400, f"year must be an integer from {YEARS[0]} to {YEARS[-1]}")
    try:
        result = make_report.delay(year)
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        raise NotSentError from error
    return {"id": result.id}, 202, {"Location": url_for("shop.show_task", task_id=result.id)}


@bp.get("/tasks/<uuid:task_id>")
def show_task(task_id: UUID) -> dict[str, Any]:
    """Say how far a task is; that it failed is an answer, too. An unknown id is PENDING."""
    # One read: state and result of two reads need not belong together.
    meta = current_app.extensions["celery"].backend.get_task_meta(str(task_id))
    state, value = meta["status"], meta["result"]
    return {
        "id": str(task_id),
        "state": state,
        "result": value if state == SUCCESS else None,
        # Only the kind: the text of an error can name hosts, queries or files.
        "error": type(value).__name__ if state in PROPAGATE_STATES else None,
    }

"""The state of a task as server-sent events, until the task ends."""

from collections.abc import Iterator
from threading import BoundedSemaphore
from time import sleep
from uuid import UUID

from celery import Celery
from celery.states import READY_STATES
from flask import Blueprint, Response, abort, current_app

from shop.extensions import db
from shop.models import Job
from shop.views.status import as_json, read_state

bp = Blueprint("events", __name__)

# In seconds.
INTERVAL = 0.5
HEARTBEAT = 15

# Each stream holds a thread. A process has four, and two of them stay free for everybody else.
places = BoundedSemaphore(2)


@bp.get("/tasks/<uuid:task_id>/events")
def stream(task_id: UUID) -> Response:
    """Send the state of a task, and send it again when it changes.

    Answers 404 for an unknown id, and 503 while too many streams are open.
    """
    job = db.get_or_404(Job, str(task_id), description="no such task")
    celery_app = current_app.extensions["celery"]
    # If the result backend is away, the client is told now; later, the stream can only break off.
    read_state(celery_app, job.id)
    if not places.acquire(blocking=False):
        abort(503, "too many streams, ask for the state instead")
    # The generator runs after this function, without an application context.
    changes = state_changes(celery_app, job.id)
    # nginx would collect the stream otherwise.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    response = Response(changes, mimetype="text/event-stream", headers=headers)
    response.call_on_close(places.release)
    return response


def state_changes(celery_app: Celery, task_id: str) -> Iterator[str]:
    """Yield an event for each state that differs from the one before, until the task ends."""
    sent, quiet = "", 0.0
    while True:
        answer = read_state(celery_app, task_id)
        event = f"data: {as_json(answer)}\n\n"
        if event != sent:
            yield event
            sent, quiet = event, 0.0
        elif quiet >= HEARTBEAT:
            # A comment. Writing it is how the server notices that the client has gone.
            yield ":\n\n"
            quiet = 0.0
        if answer["state"] in READY_STATES:
            return
        sleep(INTERVAL)
        quiet += INTERVAL

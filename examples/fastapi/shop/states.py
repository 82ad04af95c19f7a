"""The state of a task, for clients that wait for one."""

import json
from typing import Any

from celery.exceptions import TaskRevokedError
from celery.states import PROPAGATE_STATES
from pydantic import BaseModel

from shop.celery_app import celery_app
from shop.tasks import ReportError
from shop.thumbnails import ImageError

# Other errors can name hosts, queries or files.
PUBLIC_ERRORS = (ImageError, ReportError, TaskRevokedError)


class TaskState(BaseModel):
    """What a client may know about a task."""

    id: str
    state: str
    progress: int = 0
    result: Any = None
    error: str | None = None


def read_state(task_id: str) -> TaskState:
    """Ask the result backend about a task."""
    # One read: state and result of two reads need not belong together.
    meta = celery_app.backend.get_task_meta(task_id)
    state, value = meta["status"], meta["result"]
    answer = TaskState(id=task_id, state=state)
    if state == "PROGRESS":
        answer.progress = 100 * value["done"] // value["total"]
    elif state == "SUCCESS":
        answer.progress = 100
        # With str() for what JSON does not know.
        answer.result = json.loads(json.dumps(value, default=str))
    elif state in PROPAGATE_STATES:
        answer.error = str(value) if isinstance(value, PUBLIC_ERRORS) else type(value).__name__
    return answer

"""The id of a request, from the request to the last task that it causes."""

import re
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun

NONE = "-"
VALID = re.compile(r"[\w-]{1,64}", re.ASCII)
request_id: ContextVar[str] = ContextVar("request_id", default=NONE)


def accept(given: str | None) -> str:
    """Return the id that a proxy has sent, or a new one."""
    return given if given and VALID.fullmatch(given) else str(uuid4())


@before_task_publish.connect
def add_header(headers: dict[str, Any], **_: object) -> None:
    """Send the id along with each message."""
    if request_id.get() != NONE:
        headers["request_id"] = request_id.get()


@task_prerun.connect
def begin(task: Task, **_: object) -> None:
    """Take the id from the message; without one, the first task's id stands for it."""
    request = task.request
    if not request.is_eager:
        request_id.set(request.get("request_id") or request.root_id)


@task_postrun.connect
def end(task: Task, **_: object) -> None:
    """Forget the id, as this process goes on with something else."""
    if not task.request.is_eager:
        request_id.set(NONE)

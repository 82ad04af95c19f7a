"""The id of a request, from the request to the last task that it causes, and the time between."""

import logging
import time
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from celery import Task

logger = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def add_headers(headers: dict[str, Any], **_: object) -> None:
    """Send the id of the request and the time along with a message."""
    headers["request_id"] = request_id.get()
    headers["sent_at"] = time.time()


def begin(task: Task, **_: object) -> None:
    """Take the id from the message, and say how long the message has waited."""
    request = task.request
    if request.is_eager:
        return  # there is no message, and the id is there
    request_id.set(request.get("request_id", "-"))
    due = request.get("sent_at", time.time())
    if request.eta:  # a countdown is no waiting
        due = max(due, datetime.fromisoformat(request.eta).timestamp())
    waited = round(time.time() - due, 6)
    logger.info("%s begins", task.name, extra={"waited": waited})


def end(task: Task, **_: object) -> None:
    """Forget the id, as this process goes on with something else."""
    if not task.request.is_eager:
        request_id.set("-")

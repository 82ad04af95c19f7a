"""The state of a task as server-sent events, until the task ends."""

from collections.abc import Iterator
from threading import BoundedSemaphore
from time import sleep
from uuid import UUID

from celery.states import READY_STATES
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_GET

from shop import jobs
from shop.errors import ApiError
from shop.states import as_json, read_state

# In seconds.
INTERVAL = 0.5
HEARTBEAT = 15

# Each stream holds a thread. A process has four, and two of them stay free for everybody else.
places = BoundedSemaphore(2)


class Stream:
    """The events of a task. It has a place until it is closed."""

    def __init__(self, task_id: str) -> None:
        """Take a place. Raises ApiError if there is none."""
        if not places.acquire(blocking=False):
            raise ApiError(503, "too many streams, ask for the state instead")
        self.task_id = task_id

    def __iter__(self) -> Iterator[str]:
        """Return the events."""
        return state_changes(self.task_id)

    def close(self) -> None:
        """Give the place back. Django calls this, also for a stream that nobody has read."""
        places.release()


@require_GET
def stream(request: HttpRequest, task_id: UUID) -> StreamingHttpResponse:
    """Send the state of a task, and send it again when it changes.

    Answers 404 for an unknown id, and 503 while too many streams are open.
    """
    if isinstance(request, ASGIRequest):
        # There, Django would collect the whole stream before it sends the first event.
        raise ApiError(503, "no streams here, ask for the state instead")
    job = jobs.find(task_id)
    # If the result backend is away, the client is told now; later, the stream can only break off.
    read_state(str(job.pk))
    # The stream needs no database, and Django would keep the connection until its end.
    connection.close()
    # nginx would collect the stream otherwise.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    events = Stream(str(job.pk))
    return StreamingHttpResponse(events, content_type="text/event-stream", headers=headers)


def state_changes(task_id: str) -> Iterator[str]:
    """Yield an event for each state that differs from the one before, until the task ends."""
    sent, quiet = "", 0.0
    while True:
        answer = read_state(task_id)
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

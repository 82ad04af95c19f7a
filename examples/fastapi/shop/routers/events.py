"""The state of a task as server-sent events, until the task ends."""

from asyncio import sleep
from collections.abc import AsyncIterator
from threading import BoundedSemaphore
from typing import Annotated

from celery.states import READY_STATES
from fastapi import APIRouter, Depends, HTTPException
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse

from shop.dependencies import StateDep
from shop.errors import problems
from shop.states import TaskState, read_state

router = APIRouter(tags=["tasks"])

# In seconds.
INTERVAL = 0.5

# Between two reads a stream holds no thread, only a connection of the client.
places = BoundedSemaphore(100)


async def take_place() -> AsyncIterator[None]:
    """Take a place until the stream has ended, also when its client has gone."""
    if not places.acquire(blocking=False):
        raise HTTPException(503, "too many streams, ask for the state instead")
    try:
        yield
    finally:
        places.release()


@router.get(
    "/tasks/{task_id}/events", response_class=EventSourceResponse, responses=problems(404, 503)
)
async def stream_events(
    state: StateDep, _place: Annotated[None, Depends(take_place)]
) -> AsyncIterator[TaskState]:
    """Send the state of a task, and send it again when it changes, until the task ends."""
    yield state
    while state.state not in READY_STATES:
        await sleep(INTERVAL)
        latest = await run_in_threadpool(read_state, state.id)
        if latest != state:
            yield latest
        state = latest

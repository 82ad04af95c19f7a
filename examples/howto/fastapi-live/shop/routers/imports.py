"""Imports, and their log as server-sent events."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, HTTPException, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy import select

from shop import bell
from shop.database import Import, Line, new_session
from shop.tasks import import_prices

router = APIRouter(prefix="/imports", tags=["imports"])


@router.post("", status_code=202)
def create_import(prices: list[str], response: Response) -> dict[str, UUID]:
    """Start an import, and say where its log is."""
    import_id = uuid4()
    with new_session.begin() as session:
        session.add(Import(id=str(import_id)))
    import_prices.apply_async((prices,), task_id=str(import_id))
    response.headers["Location"] = f"/imports/{import_id}/events"
    return {"id": import_id}


def existing_import(import_id: UUID) -> str:
    """Return the id of an import. An unknown one answers 404, before the stream begins."""
    with new_session() as session:
        if session.get(Import, str(import_id)) is None:
            raise HTTPException(404, "no such import")
    return str(import_id)


def read_lines(import_id: str, after: int) -> tuple[bool, list[Line]]:
    """Return whether an import has ended, and its lines after a number."""
    later = select(Line).where(Line.import_id == import_id, Line.number > after)
    with new_session() as session:
        # First the end, then the lines: after the end there are no more.
        finished = session.get_one(Import, import_id).finished
        return finished, list(session.scalars(later.order_by(Line.number)))


@router.get("/{import_id}/events", response_class=EventSourceResponse)
async def stream_lines(
    import_id: Annotated[str, Depends(existing_import)],
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Send the lines of the log that the client does not have."""
    finished = False
    with bell.wait_for(f"import:{import_id}") as rung:
        while not finished:
            rung.clear()
            finished, lines = await run_in_threadpool(read_lines, import_id, last_event_id)
            for line in lines:
                yield ServerSentEvent(data=line.text, id=str(line.number))
                last_event_id = line.number
            if not finished:
                await bell.pause(rung)
    yield ServerSentEvent(event="end", data="")

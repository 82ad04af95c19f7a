"""Notifications over a WebSocket."""

from asyncio import Event

from anyio import create_task_group, fail_after
from fastapi import APIRouter, WebSocket, WebSocketDisconnect, WebSocketException, status
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ValidationError

from shop import bell
from shop.notifications import mark_read, unread
from shop.sign_in import SocketCustomer

router = APIRouter(tags=["notifications"])
MOST_SOCKETS = 5
SEND_SECONDS = 10


class Read(BaseModel):
    """What a client sends: it has shown this notification."""

    read: int


@router.websocket("/notifications")
async def notifications(websocket: WebSocket, customer_id: SocketCustomer) -> None:
    """Send what is unread, and what comes, until the client goes."""
    topic = f"customer:{customer_id}"
    if len(bell.waiting.get(topic, ())) >= MOST_SOCKETS:
        raise WebSocketException(status.WS_1013_TRY_AGAIN_LATER)
    with bell.wait_for(topic) as rung:
        await websocket.accept()
        try:
            async with create_task_group() as both:
                both.start_soon(send_unread, websocket, customer_id, rung)
                both.start_soon(receive_read, websocket, customer_id)
        except* (WebSocketDisconnect, TimeoutError):
            pass  # the client has gone, or takes nothing
        except* ValidationError:
            await websocket.close(status.WS_1008_POLICY_VIOLATION)


async def send_unread(websocket: WebSocket, customer_id: int, rung: Event) -> None:
    """Send each notification once, for ever.

    Raises TimeoutError if the client does not take it.
    """
    sent: set[int] = set()
    while True:
        # First clear, then look: what comes meanwhile rings again.
        rung.clear()
        news = await run_in_threadpool(unread, customer_id)
        for item in news:
            if item.id not in sent:
                with fail_after(SEND_SECONDS):
                    await websocket.send_text(item.model_dump_json())
        sent = {item.id for item in news}
        await bell.pause(rung)


async def receive_read(websocket: WebSocket, customer_id: int) -> None:
    """Delete what the client has shown.

    Raises WebSocketDisconnect when it goes, ValidationError for what is wrong.
    """
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        shown = Read.model_validate_json(message.get("text") or "")
        await run_in_threadpool(mark_read, customer_id, shown.read)

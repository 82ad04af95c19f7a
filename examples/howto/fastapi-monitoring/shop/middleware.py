"""The id of a request."""

import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.tracing import request_id

VALID = re.compile(r"[\w-]{1,64}", re.ASCII)


class RequestId:
    """Give each request an id, or keep the one that the proxy gave it."""

    def __init__(self, app: ASGIApp) -> None:
        """Keep what comes next."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say the id."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("X-Request-ID", "")
        value = given if VALID.fullmatch(given) else str(uuid4())

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = value
            await send(message)

        # Never reset: the server logs an error after this, and each request has its own context.
        request_id.set(value)
        await self.app(scope, receive, send_with_id)

"""What every answer has in common."""

from fastapi import HTTPException
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Let pages load scripts and styles from this server only, none of them inline."""

    def __init__(self, app: ASGIApp, exempt: str) -> None:
        """Keep what comes next. The page ``exempt`` may load what it likes."""
        self.app = app
        self.exempt = exempt

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with two more headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                if scope["path"] != self.exempt:
                    headers["Content-Security-Policy"] = "default-src 'self'"
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LimitBody:
    """Refuse large requests, also those that do not say how large they are.

    ``FastAPI(max_body_size=…)`` does so, too, but answers in plain text.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        """Keep what comes next, and the limit in bytes."""
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count what is read meanwhile."""
        left = self.limit

        async def count() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise HTTPException(413, "the request is too large")
            return message

        await self.app(scope, count, send)

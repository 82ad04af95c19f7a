"""The FastAPI app: ``uvicorn shop.fastapi_app:app``."""

import logging

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop.ids import accept, request_id
from shop.logs import configure
from shop.tasks import make_report

logger = logging.getLogger(__name__)


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
        value = accept(Headers(scope=scope).get("X-Request-ID"))

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-ID"] = value
            await send(message)

        # Never reset: the server logs an error after this, and each request has its own context.
        request_id.set(value)
        await self.app(scope, receive, send_with_id)


configure()  # after uvicorn has set up its own logs
app = FastAPI()
app.add_middleware(RequestId)


@app.post("/reports/{year}", status_code=202)
def create_report(year: int) -> None:
    """Start a report."""
    logger.info("report of %d asked for", year)
    make_report.delay(year)

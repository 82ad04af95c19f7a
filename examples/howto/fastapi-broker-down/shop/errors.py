"""What a client is told when the broker or the result backend does not answer."""

import logging

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


class NotSentError(Exception):
    """A task that could not be sent."""


async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """Answer when the broker or the result backend does not."""
    logger.error("The broker or the result backend does not answer", exc_info=error)
    return JSONResponse({"error": "try again later"}, 503, {"Retry-After": "30"})


def add_error_handlers(app: FastAPI) -> None:
    """Have these errors answered here."""
    for kind in (NotSentError, OperationalError, RedisError):
        app.add_exception_handler(kind, unavailable)

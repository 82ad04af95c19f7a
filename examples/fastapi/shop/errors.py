"""Errors, and the one shape in which a client is told about them."""

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from kombu.exceptions import OperationalError
from pydantic import BaseModel
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

logger = logging.getLogger(__name__)


class NotSentError(Exception):
    """A task that could not be sent."""


class Problem(BaseModel):
    """The body of every answer that is no success."""

    error: str


# For OpenAPI. With ``model``, FastAPI would say that the errors of a stream are events, too.
PROBLEM: dict[str, Any] = {"content": {"application/json": {"schema": Problem.model_json_schema()}}}
LATER = PROBLEM | {"headers": {"Retry-After": {"schema": {"type": "integer"}}}}
# In seconds.
RETRY_AFTER = 30


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe errors of a route for OpenAPI."""
    special = {503: LATER}
    return {status: special.get(status, PROBLEM) for status in statuses}


def answer(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Build the answer to a request that went wrong."""
    return JSONResponse({"error": message}, status, headers)


async def http_error(_: Request, error: HTTPException) -> JSONResponse:
    """Answer the errors that routes raise, and those of FastAPI, such as 404 and 405."""
    return answer(error.status_code, error.detail, error.headers)


async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
    """Answer a request that does not fit: 404 for a path that cannot exist, otherwise 400."""
    first, *_others = error.errors()
    where, *names = first["loc"]
    if where == "path":
        return answer(404, "Not Found")
    # Where the request is no JSON, there is a position in place of a name.
    name = ".".join(part for part in names if isinstance(part, str)) or where
    return answer(400, f"{name}: {first['msg']}")


async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """Answer when the broker or the result backend does not."""
    logger.error("The broker or the result backend does not answer", exc_info=error)
    return answer(503, "try again later", {"Retry-After": str(RETRY_AFTER)})


async def unexpected(_: Request, _error: Exception) -> JSONResponse:
    """Answer errors that nobody expected. The server logs them."""
    return answer(500, "Internal Server Error")


def add_error_handlers(app: FastAPI) -> None:
    """Have every error of an app answered here."""
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    for kind in (NotSentError, OperationalError, RedisError):
        app.add_exception_handler(kind, unavailable)
    app.add_exception_handler(Exception, unexpected)

"""Errors, and the one shape in which a client is told about them."""

from flask import Flask, Response, current_app, json
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

# In seconds.
RETRY_AFTER = 30


class NotSentError(Exception):
    """A task that could not be sent."""


def http_error(error: HTTPException) -> Response:
    """Answer in JSON, with the headers that belong to the error, such as Allow."""
    response = error.get_response()
    response.data = f"{json.dumps({'error': error.description})}\n"
    response.content_type = "application/json"
    return response


def unavailable(error: Exception) -> tuple[dict[str, str], int, dict[str, str]]:
    """Answer when the broker or the result backend does not."""
    current_app.logger.error("The broker or the result backend does not answer", exc_info=error)
    return {"error": "try again later"}, 503, {"Retry-After": str(RETRY_AFTER)}


def add_error_handlers(app: Flask) -> None:
    """Have every error of an application answered here."""
    app.register_error_handler(HTTPException, http_error)
    for kind in (NotSentError, OperationalError, RedisError):
        app.register_error_handler(kind, unavailable)

"""What every answer has in common."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# In seconds.
RETRY_AFTER = 30


class NotSentError(Exception):
    """A task that could not be sent."""


class Unavailable:
    """Answer 503 when the broker or the result backend does not answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Change nothing."""
        return self.get_response(request)

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view has raised; other errors are Django's."""
        if not isinstance(error, (NotSentError, OperationalError, RedisError)):
            return None
        logger.error("The broker or the result backend does not answer", exc_info=error)
        headers = {"Retry-After": str(RETRY_AFTER)}
        return JsonResponse({"error": "try again later"}, status=503, headers=headers)

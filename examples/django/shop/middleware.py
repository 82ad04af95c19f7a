"""What every answer has in common."""

import json
import logging
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from shop.errors import ApiError, NotSentError

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]

# In seconds.
RETRY_AFTER = 30


class JsonErrors:
    """Answer errors in JSON, except in the admin."""

    def __init__(self, get_response: GetResponse) -> None:
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put JSON in the place of Django's pages for clients; headers such as Allow stay."""
        response = self.get_response(request)
        match = request.resolver_match
        if (
            HTTPStatus.BAD_REQUEST <= response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
            and response.headers.get("Content-Type") != "application/json"
            and not (match and match.app_name == "admin")
        ):
            response.content = json.dumps({"error": response.reason_phrase})
            response.headers["Content-Type"] = "application/json"
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def process_exception(self, _: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer the errors of views; those that nobody expected are Django's."""
        if isinstance(error, ApiError):
            return JsonResponse({"error": str(error)}, status=error.status)
        if isinstance(error, Http404):
            return JsonResponse({"error": str(error)}, status=404)
        if isinstance(error, (NotSentError, OperationalError, RedisError)):
            logger.error("The broker or the result backend does not answer", exc_info=error)
            headers = {"Retry-After": str(RETRY_AFTER)}
            return JsonResponse({"error": "try again later"}, status=503, headers=headers)
        return None


def server_error(_: HttpRequest) -> HttpResponse:
    """Answer errors that nobody expected. With DEBUG, Django shows them itself."""
    return JsonResponse({"error": "Internal Server Error"}, status=500)


def limit_body(get_response: GetResponse) -> GetResponse:
    """Refuse large requests. Django's own limit does not count files."""

    def answer(request: HttpRequest) -> HttpResponse:
        if int(request.headers.get("Content-Length") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return JsonResponse({"error": "the request is too large"}, status=413)
        return get_response(request)

    return answer


def content_security_policy(get_response: GetResponse) -> GetResponse:
    """Let pages load scripts and styles from this server only, none of them inline."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Not for Django's own error pages, which have styles inline.
        if response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["Content-Security-Policy"] = "default-src 'self'"
        return response

    return answer

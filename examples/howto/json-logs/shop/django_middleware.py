"""The middleware for Django."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from shop.ids import accept, request_id


class RequestId:
    """Give each request an id, or keep the one that the proxy gave it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep what comes next."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say the id."""
        token = request_id.set(accept(request.headers.get("X-Request-ID")))
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            return response
        finally:
            request_id.reset(token)

"""Reading and checking what a client sent."""

import json

from django.http import HttpRequest

from shop.errors import ApiError


def integer_field(request: HttpRequest, name: str, allowed: range) -> int:
    """Return a field of the JSON object in the request.

    Raises ApiError if the request is not JSON, or if the field is missing, not an integer or not in
    ``allowed``.
    """
    if request.content_type != "application/json":
        raise ApiError(415, "Content-Type must be application/json")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "the request is not JSON") from error
    value = body.get(name) if isinstance(body, dict) else None
    # A bool is an int in Python, hence type().
    if type(value) is not int or value not in allowed:
        raise ApiError(400, f"{name} must be an integer from {allowed[0]} to {allowed[-1]}")
    return value

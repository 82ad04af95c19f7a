"""Reading and checking what a client sent."""

from flask import abort, request


def integer_field(name: str, allowed: range) -> int:
    """Return a field of the JSON object in the request.

    Answers 400 if the field is missing, not an integer or not in ``allowed``.
    """
    try:
        body = request.get_json()
    except RecursionError:
        abort(400, "the JSON is nested too deeply")
    value = body.get(name) if isinstance(body, dict) else None
    # A bool is an int in Python, hence type().
    if type(value) is not int or value not in allowed:
        abort(400, f"{name} must be an integer from {allowed[0]} to {allowed[-1]}")
    return value

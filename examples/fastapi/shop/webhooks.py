"""Telling another system what has happened."""

from http import HTTPStatus

import requests

TIMEOUT = 10
# Other answers that begin with 4 stay as they are.
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class WebhookRefusedError(Exception):
    """The receiver does not want the message, now or later."""


def deliver(url: str, key: str, body: dict[str, int]) -> None:
    """Post a message. The receiver may get it twice, and knows it again by its key.

    Raises requests.RequestException for what may pass, WebhookRefusedError for what will not.
    """
    response = requests.post(
        url,
        json=body,
        headers={"Idempotency-Key": key},
        timeout=TIMEOUT,
        allow_redirects=False,
    )
    status = response.status_code
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in PASSING:
        response.raise_for_status()
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        message = f"the receiver answered {status}"
        raise WebhookRefusedError(message)

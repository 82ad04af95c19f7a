"""The exchange rates of a bank."""

import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import requests

URL = os.environ.get("SHOP_RATES_URL", "http://127.0.0.1:8000")
LONGEST = 600


class BusyError(Exception):
    """The bank asks us to come back in some seconds."""

    def __init__(self, seconds: int) -> None:
        """Remember the seconds."""
        super().__init__(seconds)
        self.seconds = seconds


def seconds_until(retry_after: str, now: datetime) -> int:
    """Return the seconds of ``Retry-After``, from 1 to 600; 60 if it cannot be read."""
    if retry_after.isdecimal() and retry_after.isascii():
        return min(max(int(retry_after), 1), LONGEST)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 60
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return round(min(max(seconds, 1), LONGEST))


def fetch(currency: str) -> float:
    """Return what one euro costs in a currency.

    Raises BusyError if the bank asks for a pause; ConnectionError, Timeout or HTTPError,
    all of requests, for the rest.
    """
    answer = requests.get(f"{URL}/{currency}", timeout=5)
    pause = answer.headers.get("Retry-After")
    if pause and answer.status_code in {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.SERVICE_UNAVAILABLE,
    }:
        raise BusyError(seconds_until(pause, datetime.now(UTC)))
    answer.raise_for_status()
    return float(answer.text)

"""The tasks."""

from typing import Any

import requests
from celery import Task

from shop import rates
from shop.celery_app import celery_app

REMOTE: dict[str, Any] = {
    "autoretry_for": (requests.ConnectionError, requests.Timeout),
    "retry_backoff": 30,
    "retry_backoff_max": 600,
    "max_retries": 10,
}


@celery_app.task(bind=True, **REMOTE)
def fetch_rate(self: Task, currency: str) -> float:
    """Fetch the rate of a currency. Raises the last error if all attempts fail."""
    try:
        return rates.fetch(currency)
    except rates.BusyError as error:
        raise self.retry(exc=error, countdown=error.seconds) from error

"""A price list is made of prices."""

import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task
def load_prices() -> dict[str, int]:
    """Return the price of each product."""
    return {"tea": 490}


@celery_app.task
def make_price_list() -> list[str]:
    """Return the lines of the price list."""
    prices = load_prices.delay().get(timeout=10)
    return [f"{name}: {price}" for name, price in prices.items()]

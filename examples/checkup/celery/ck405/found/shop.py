"""A count that a script waits for."""

import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
    backend=os.environ.get("RESULT_BACKEND", "redis://127.0.0.1:6379/1"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task(ignore_result=True)
def count_stock(product_id: int) -> int:
    """Count the pieces of a product."""
    return 3 * product_id


def stock(product_id: int) -> int:
    """Return the count, as soon as it is there."""
    count: int = count_stock.delay(product_id).get(timeout=10)
    return count

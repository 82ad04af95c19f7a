"""Send from more threads than the Redis server has places for."""

import os
from concurrent.futures import ThreadPoolExecutor

from celery import Celery

redis_url = os.environ["REDIS_URL"]
celery_app = Celery("shop", broker=redis_url, backend=redis_url)


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""


with ThreadPoolExecutor(20) as threads:
    results = list(threads.map(send_receipt.delay, range(20)))

"""Send a task to a Redis server whose places are all taken."""

import os

from celery import Celery
from redis import Redis

redis_url = os.environ["REDIS_URL"]
celery_app = Celery("shop", broker=redis_url)


@celery_app.task
def send_receipt(order_id: int) -> None:
    """Send the receipt of an order."""


others = [Redis.from_url(redis_url) for _ in range(16)]
for other in others:
    other.ping()

send_receipt.delay(1)

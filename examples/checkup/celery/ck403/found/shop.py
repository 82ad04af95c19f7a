"""A task that waits for a partner."""

import asyncio
import os

from celery import Celery

celery_app = Celery(
    "shop",
    broker=os.environ.get("BROKER_URL", "redis://127.0.0.1:6379/0"),
)
celery_app.conf.task_time_limit = 60


@celery_app.task
async def tell_partner(order_id: int) -> None:
    """Tell the partner about an order."""
    await asyncio.sleep(order_id / 1000)  # stands for a call of the partner

"""Tasks that do not work."""

import asyncio

from celery import shared_task
from shop.models import Order
from shop.tasks import tell_all


@shared_task
async def tell_nobody(order_id: int) -> None:
    """Do nothing: Celery calls the function, and does not await it."""
    await tell_all(order_id)


@shared_task(ignore_result=False)
async def count_orders() -> int:
    """Fail: the result is a coroutine."""
    return await Order.objects.acount()


@shared_task(ignore_result=False)
def count_orders_with_run() -> int:
    """Query in another thread, on a connection that Celery does not know."""
    return asyncio.run(Order.objects.acount())

"""The tasks."""

import asyncio

from asgiref.sync import async_to_sync
from celery import shared_task

from shop.models import Order
from shop.partners import PARTNERS, tell


@shared_task
def send_receipt(order_id: int) -> str:
    """Note that the receipt is sent."""
    order = Order.objects.get(pk=order_id)
    order.receipt_sent = True
    order.save(update_fields=["receipt_sent"])
    return f"sent to {order.email}"


async def tell_all(order_id: int) -> list[str]:
    """Tell all partners at the same time."""
    order = await Order.objects.aget(pk=order_id)
    answers = await asyncio.gather(*(tell(partner, order) for partner in PARTNERS))
    order.partners_told = True
    await order.asave(update_fields=["partners_told"])
    return answers


@shared_task
def tell_partners(order_id: int) -> list[str]:
    """Run asynchronous code in a task."""
    return async_to_sync(tell_all)(order_id)

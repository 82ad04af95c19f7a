"""The tasks."""

import asyncio

from sqlalchemy import select

from shop import mail
from shop.celery_app import celery_app
from shop.config import get_settings
from shop.database import new_session
from shop.models import Order


@celery_app.task(autoretry_for=(OSError,), retry_backoff=30, max_retries=3)
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order, once. Raises NoResultFound if the order is gone."""
    with new_session.begin() as session:
        order = session.get_one(Order, order_id)
        if not order.receipt_sent:
            mail.send(get_settings().sender, order.email, f"receipt of order {order.id}")
            order.receipt_sent = True


@celery_app.task(ignore_result=False)
def count_orders() -> tuple[int, int]:
    """Count the orders, and those that have their receipt."""
    with new_session() as session:
        sent = session.scalars(select(Order.receipt_sent)).all()
    return len(sent), sum(sent)


@celery_app.task
def tell_partners(order_id: int) -> None:
    """Run asynchronous code."""
    asyncio.run(asyncio.sleep(0, order_id))

"""The task."""

from celery import shared_task

from shop import mail
from shop.models import Order, db


@shared_task
def send_receipt(order_id: int) -> str:
    """Send a receipt, and say to whom."""
    order = db.session.get_one(Order, order_id)
    mail.send(order.email, f"order {order_id}")
    return order.email

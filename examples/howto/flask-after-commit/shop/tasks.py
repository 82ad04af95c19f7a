"""What the worker does."""

from celery import shared_task

from shop.models import Order, db


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order; raises NoResultFound if there is no such order."""
    order = db.session.get_one(Order, order_id)
    return f"sent to {order.email}"

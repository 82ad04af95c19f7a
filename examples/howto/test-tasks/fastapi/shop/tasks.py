"""The task."""

from shop import mail
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Order


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send a receipt, and say to whom."""
    with new_session() as session:
        order = session.get_one(Order, order_id)
        mail.send(order.email, f"order {order_id}")
        return order.email

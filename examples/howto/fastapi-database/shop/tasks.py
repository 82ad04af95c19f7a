"""The tasks."""

from sqlalchemy import update

from shop import risks
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Order


@celery_app.task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order. Raises NoResultFound if there is no such order."""
    with new_session() as session:
        order = session.get_one(Order, order_id)
        return f"sent to {order.email}"


@celery_app.task
def correct_address(order_id: int, email: str) -> None:
    """Change the address of an order.

    Raises NoResultFound if there is no such order, IntegrityError if the address has
    an order.
    """
    with new_session.begin() as session:
        session.get_one(Order, order_id).email = email


@celery_app.task
def rate_order(order_id: int) -> int:
    """Note how risky an order is, once. Raises NoResultFound if there is none."""
    with new_session() as session:
        email = session.get_one(Order, order_id).email
    risk = risks.ask(email)  # no transaction is open, and no connection is taken
    with new_session.begin() as session:
        unrated = update(Order).where(Order.id == order_id, Order.risk.is_(None))
        session.execute(unrated.values(risk=risk))
    return risk

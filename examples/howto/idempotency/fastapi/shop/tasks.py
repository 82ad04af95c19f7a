"""What the worker does: each task may run twice, also at the same time."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop import partners
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Customer, Invoice, Order


@celery_app.task
def credit_points(order_id: int) -> str:
    """Credit the points of an order, once. Raises NoResultFound if it is gone."""
    with new_session() as session:
        order = session.get_one(Order, order_id)
    points = partners.points_for(order.total_cents)
    mine = update(Order).where(Order.id == order_id, ~Order.credited).values(credited=True)
    customer = update(Customer).where(Customer.id == order.customer_id)
    with new_session.begin() as session:
        if session.execute(mine).rowcount == 0:
            return "was there"
        session.execute(customer.values(points=Customer.points + points))
    return f"{points} points"


@celery_app.task
def write_invoice(order_id: int) -> int:
    """Write the invoice of an order, once, and return its number."""
    with new_session() as session:
        try:
            session.add(Invoice(order_id=order_id))
            session.commit()
        except IntegrityError:
            session.rollback()
        return session.scalars(select(Invoice.id).filter_by(order_id=order_id)).one()


@celery_app.task
def charge(order_id: int) -> str:
    """Charge the customer, once, and return the bank's receipt.

    Raises NoResultFound if the order is gone.
    """
    with new_session.begin() as session:
        order = session.get_one(Order, order_id, with_for_update=True)
        if order.receipt is None:
            order.receipt = partners.charge(f"order-{order.id}", order.total_cents)
        return order.receipt

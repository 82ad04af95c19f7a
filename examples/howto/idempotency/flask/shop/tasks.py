"""What the worker does: each task may run twice, also at the same time."""

from celery import shared_task
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop import partners
from shop.models import Customer, Invoice, Order, db


@shared_task
def credit_points(order_id: int) -> str:
    """Credit the points of an order, once. Raises NoResultFound if it is gone."""
    order = db.session.get_one(Order, order_id)
    points = partners.points_for(order.total_cents)
    mine = update(Order).where(Order.id == order_id, ~Order.credited).values(credited=True)
    if db.session.execute(mine).rowcount == 0:
        return "was there"
    customer = update(Customer).where(Customer.id == order.customer_id)
    db.session.execute(customer.values(points=Customer.points + points))
    db.session.commit()
    return f"{points} points"


@shared_task
def write_invoice(order_id: int) -> int:
    """Write the invoice of an order, once, and return its number."""
    try:
        db.session.add(Invoice(order_id=order_id))
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
    return db.session.scalars(select(Invoice.id).filter_by(order_id=order_id)).one()


@shared_task
def charge(order_id: int) -> str:
    """Charge the customer, once, and return the bank's receipt.

    Raises NoResultFound if the order is gone.
    """
    order = db.session.get_one(Order, order_id, with_for_update=True)
    if order.receipt is None:
        order.receipt = partners.charge(f"order-{order.id}", order.total_cents)
        db.session.commit()
    return order.receipt

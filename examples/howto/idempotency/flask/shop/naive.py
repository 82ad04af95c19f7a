"""The mistake: look first, act later."""

from celery import shared_task
from sqlalchemy import update

from shop import partners
from shop.models import Customer, Order, db


@shared_task
def credit_points(order_id: int) -> str:
    """Credit the points of an order. Two messages at once credit them twice."""
    order = db.session.get_one(Order, order_id)
    if order.credited:
        return "was there"
    points = partners.points_for(order.total_cents)
    customer = update(Customer).where(Customer.id == order.customer_id)
    db.session.execute(customer.values(points=Customer.points + points))
    order.credited = True
    db.session.commit()
    return f"{points} points"

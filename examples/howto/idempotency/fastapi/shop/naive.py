"""The mistake: look first, act later."""

from sqlalchemy import update

from shop import partners
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Customer, Order


@celery_app.task
def credit_points(order_id: int) -> str:
    """Credit the points of an order. Two messages at once credit them twice."""
    with new_session() as session:
        order = session.get_one(Order, order_id)
        if order.credited:
            return "was there"
        points = partners.points_for(order.total_cents)
        customer = update(Customer).where(Customer.id == order.customer_id)
        session.execute(customer.values(points=Customer.points + points))
        order.credited = True
        session.commit()
    return f"{points} points"

"""The mistake: look first, act later."""

from celery import shared_task
from django.db.models import F

from shop import partners
from shop.models import Customer, Order


@shared_task
def credit_points(order_id: int) -> str:
    """Credit the points of an order. Two messages at once credit them twice."""
    order = Order.objects.get(pk=order_id)
    if order.credited:
        return "was there"
    points = partners.points_for(order.total_cents)
    customer = Customer.objects.filter(pk=order.customer_id)
    customer.update(points=F("points") + points)
    order.credited = True
    order.save()
    return f"{points} points"

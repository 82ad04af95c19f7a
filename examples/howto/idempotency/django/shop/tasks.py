"""What the worker does: each task may run twice, also at the same time."""

from celery import shared_task
from django.db import transaction
from django.db.models import F

from shop import partners
from shop.models import Customer, Invoice, Order


@shared_task
def credit_points(order_id: int) -> str:
    """Credit the points of an order, once. Raises Order.DoesNotExist if it is gone."""
    order = Order.objects.get(pk=order_id)
    points = partners.points_for(order.total_cents)
    with transaction.atomic():
        mine = Order.objects.filter(pk=order_id, credited=False)
        if mine.update(credited=True) == 0:
            return "was there"
        customer = Customer.objects.filter(pk=order.customer_id)
        customer.update(points=F("points") + points)
    return f"{points} points"


@shared_task
def write_invoice(order_id: int) -> int:
    """Write the invoice of an order, once, and return its number."""
    invoice, _created = Invoice.objects.get_or_create(order_id=order_id)
    return invoice.pk


@shared_task
@transaction.atomic
def charge(order_id: int) -> str:
    """Charge the customer, once, and return the bank's receipt.

    Raises Order.DoesNotExist if the order is gone.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    if not order.receipt:
        order.receipt = partners.charge(f"order-{order.pk}", order.total_cents)
        order.save()
    return order.receipt

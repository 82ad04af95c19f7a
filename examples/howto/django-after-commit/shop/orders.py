"""The rules of the shop. A caller may have a transaction of its own."""

from celery import chain
from django.db import transaction

from shop.models import Order
from shop.tasks import send_receipt, tell_warehouse


def place_order(email: str) -> Order:
    """Save an order, and have its receipt sent when the outermost transaction commits.

    Raises IntegrityError if the customer has an order.
    """
    with transaction.atomic():
        order = Order.objects.create(email=email)
        send_receipt.delay_on_commit(order.pk)
    return order


def ship(order: Order) -> None:
    """Have an order packed, and then its receipt sent, after the commit."""
    steps = chain(tell_warehouse.si(order.pk), send_receipt.si(order.pk))
    transaction.on_commit(steps.delay)

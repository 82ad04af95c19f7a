"""What can be done with orders."""

from functools import partial

from audit.models import Entry
from audit.tasks import forward
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm_refund, send_receipt


def place(email: str) -> Order:
    """Save an order and, in the other database, an entry."""
    with transaction.atomic():
        order = Order.objects.create(email=email)
        send_receipt.delay_on_commit(order.pk)
    with transaction.atomic(using="audit"):
        entry = Entry.objects.create(text=f"{order} placed")
        transaction.on_commit(partial(forward.delay, entry.pk), using="audit")
    return order


def refund(order: Order) -> None:
    """Change both databases, and send a task that needs both."""
    with transaction.atomic(using="audit"), transaction.atomic():
        order.refunded = True
        order.save(update_fields=["refunded"])
        entry = Entry.objects.create(text=f"{order} refunded")
        # The outer block commits last.
        transaction.on_commit(partial(confirm_refund.delay, order.pk, entry.pk), using="audit")

"""What the worker does. Every argument is a key or a plain value."""

from uuid import UUID

from celery import shared_task
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import F

from shop import carrier
from shop.models import Invoice, Order

SEARCHABLE = ("shop.Order", "shop.Invoice")


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order. Raises Order.DoesNotExist if the order is gone."""
    order = Order.objects.get(pk=order_id)
    return f"sent to {order.email}"


@shared_task
def archive_user(user_id: int) -> str:
    """Archive a customer. One who is gone, or archived already, needs nothing."""
    changed = get_user_model().objects.filter(pk=user_id, is_active=True).update(is_active=False)
    return "archived" if changed else "nothing to do"


@shared_task
def make_label(order_id: int) -> str:
    """Ask the carrier for a label, which may take a while."""
    order = Order.objects.get(pk=order_id)
    order.label = carrier.label_for(order.address)
    order.save(update_fields=["label"])
    return order.label


@shared_task
def remind(order_ids: list[int]) -> int:
    """Count one more reminder for each of these orders."""
    return Order.objects.filter(pk__in=order_ids).update(reminders=F("reminders") + 1)


@shared_task
def ship(order_id: int) -> str:
    """Ship an order, once, however many messages say so."""
    if not Order.objects.filter(pk=order_id, shipped=False).update(shipped=True):
        return "nothing to do"
    return "shipped"


@shared_task
def send_invoice(invoice_id: UUID) -> str:
    """Send an invoice."""
    invoice = Invoice.objects.get(pk=invoice_id)
    return f"{type(invoice_id).__name__} {invoice.pk}: {invoice.cents / 100:.2f}"


@shared_task
def index(model: str, pk: int | UUID) -> str:
    """Put a row of one of the searchable models into the search."""
    if model not in SEARCHABLE:
        message = f"{model} is not searchable"
        raise ValueError(message)
    row = apps.get_model(model).objects.get(pk=pk)
    return f"indexed {row}"

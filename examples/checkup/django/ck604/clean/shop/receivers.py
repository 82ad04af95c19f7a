"""What follows when a row is saved."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from shop.models import Order
from shop.tasks import send_receipt


@receiver(post_save, sender=Order)
def order_saved(instance: Order, *, created: bool, **_: object) -> None:
    """Have the receipt of a new order sent."""
    if created:
        send_receipt.delay_on_commit(instance.pk)

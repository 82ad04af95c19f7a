"""What the worker does."""

from celery import shared_task
from django.db import transaction
from django.db.models import F

from shop.models import PriceRise, Product

PIECE = 100


@shared_task(acks_late=True)
def raise_prices(rise_id: int, position: int) -> str:
    """Raise the next hundred prices, and send the message for those that follow."""
    rise = PriceRise.objects.get(pk=rise_id)
    following = Product.objects.filter(pk__gt=position).order_by("pk")
    ids = list(following.values_list("pk", flat=True)[:PIECE])
    if not ids:
        return "finished"
    with transaction.atomic():
        mine = PriceRise.objects.filter(pk=rise_id, position=position)
        if mine.update(position=ids[-1]) == 0:
            return "was there"
        piece = Product.objects.filter(pk__in=ids)
        piece.update(price_cents=F("price_cents") + rise.cents)
    raise_prices.delay(rise_id, ids[-1])
    return f"up to {ids[-1]}"

"""The tasks."""

from datetime import datetime, timedelta
from decimal import Decimal

from shop.celery_app import celery_app
from shop.schemas import Parcel, Parcels, Quote, Quotes

PRICE_PER_KG = {"DE": Decimal("2.50"), "FR": Decimal("3.20")}
ELSEWHERE = Decimal("9.90")
CENT = Decimal("0.01")


@celery_app.task(pydantic=True, ignore_result=False)
def make_quote(parcel: Parcel) -> Quote:
    """Say what a parcel costs."""
    price = parcel.weight_kg * PRICE_PER_KG.get(parcel.country, ELSEWHERE)
    return Quote(price=price.quantize(CENT), valid_until=parcel.ship_on)


@celery_app.task(pydantic=True, ignore_result=False)
def make_quotes(parcels: Parcels) -> Quotes:
    """Say what several parcels cost."""
    return Quotes([Quote.model_validate(make_quote(parcel)) for parcel in parcels.root])


@celery_app.task(pydantic=True, ignore_result=False)
def print_offer(quote: Quote) -> str:
    """Write the offer of a quote."""
    return f"{quote.price} EUR until {quote.valid_until}"


@celery_app.task(ignore_result=False)
def due_at(placed_at: datetime, after: timedelta) -> datetime:
    """Say when an order has to be paid."""
    return placed_at + after

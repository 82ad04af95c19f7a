"""What goes into a task, and what comes out."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, RootModel


class Parcel(BaseModel):
    """A parcel that a customer asks about."""

    # The errors stand in the worker's log and in the result backend.
    model_config = ConfigDict(hide_input_in_errors=True)

    weight_kg: Decimal = Field(gt=0, le=30)
    country: str = Field(pattern="^[A-Z]{2}$")
    ship_on: date


class Quote(BaseModel):
    """What a parcel costs."""

    price: Decimal
    valid_until: date


class Parcels(RootModel[list[Parcel]]):
    """Several parcels."""


class Quotes(RootModel[list[Quote]]):
    """What several parcels cost, each in the place of its parcel."""

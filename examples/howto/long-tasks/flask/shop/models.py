"""The tables of the shop."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


class Product(db.Model):
    """What the shop sells."""

    id: Mapped[int] = mapped_column(primary_key=True)
    price_cents: Mapped[int]


class PriceRise(db.Model):
    """A new price for every product; `position` is the last product that has one."""

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

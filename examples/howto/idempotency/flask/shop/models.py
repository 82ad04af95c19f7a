"""The tables of the shop."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


class Customer(db.Model):
    """Somebody who collects points."""

    id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(default=0)


class Order(db.Model):
    """What a customer bought."""

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    total_cents: Mapped[int]
    credited: Mapped[bool] = mapped_column(default=False)
    receipt: Mapped[str | None]


class Invoice(db.Model):
    """An invoice; its id is its number. One for each order."""

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(Order.id), unique=True)

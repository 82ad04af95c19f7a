"""The tables of the shop."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Customer(Base):
    """Somebody who collects points."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(default=0)


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    total_cents: Mapped[int]
    credited: Mapped[bool] = mapped_column(default=False)
    receipt: Mapped[str | None]


class Invoice(Base):
    """An invoice; its id is its number. One for each order."""

    __tablename__ = "invoices"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(Order.id), unique=True)

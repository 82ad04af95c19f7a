"""The tables of the shop."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    placed_on: Mapped[date]


class Report(Base):
    """The report about a day. There is one for each day."""

    __tablename__ = "reports"

    day: Mapped[date] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(default=0)

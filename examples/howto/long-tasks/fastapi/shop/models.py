"""The tables of the shop."""

from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Product(Base):
    """What the shop sells."""

    __tablename__ = "products"

    id: Mapped[int] = mapped_column(primary_key=True)
    price_cents: Mapped[int]


class PriceRise(Base):
    """A new price for every product; `position` is the last product that has one."""

    __tablename__ = "price_rises"

    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    position: Mapped[int] = mapped_column(default=0)

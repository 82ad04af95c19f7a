"""The tables of the shop."""

from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Clerk(Base):
    """Somebody who works in the shop."""

    __tablename__ = "clerks"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    may_invoice: Mapped[bool] = mapped_column(default=True)


class Order(Base):
    """What a customer bought, and what the invoice says."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str]
    total_cents: Mapped[int]
    euro_cents: Mapped[int | None]

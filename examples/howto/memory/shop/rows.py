"""The same sum, in one piece and in steps."""

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """Base class of the tables."""


class Order(Base):
    """An order."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    pence: Mapped[int]


def total(session: Session) -> int:
    """Add up all orders. The loop takes them one by one; they were loaded together."""
    return sum(order.pence for order in session.scalars(select(Order)))


def total_in_steps(session: Session) -> int:
    """Add up all orders, a hundred in memory at a time."""
    orders = select(Order).execution_options(yield_per=100)
    return sum(order.pence for order in session.scalars(orders))

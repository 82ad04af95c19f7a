"""The database, and its one table."""

from datetime import UTC, datetime

from sqlalchemy import DateTime, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url)
new_session = sessionmaker(engine)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The base of every table."""


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    announced: Mapped[bool] = mapped_column(default=False)  # the broker has the message
    receipt_sent: Mapped[bool] = mapped_column(default=False)

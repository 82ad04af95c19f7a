"""The tables: orders, and the reports that somebody has asked for."""

from datetime import UTC, datetime

from celery import uuid
from sqlalchemy import DateTime, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url)
new_session = sessionmaker(engine)


def now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The base of every table."""


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]
    total_cents: Mapped[int]
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)


class Report(Base):
    """A report that somebody has asked for; its id is that of the task and of the file."""

    __tablename__ = "reports"

    id: Mapped[str] = mapped_column(primary_key=True, default=uuid)
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)

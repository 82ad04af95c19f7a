"""The tables of the shop."""

from datetime import UTC, date, datetime

from celery import uuid
from sqlalchemy import DateTime, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from shop.extensions import db


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the current date in UTC."""
    return now().date()


class User(db.Model):
    """A customer."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    archived_on: Mapped[date | None]


class Order(db.Model):
    """What a customer bought."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    total_cents: Mapped[int]
    # SQLite keeps no time zone, so whatever is written must be in UTC.
    placed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now, index=True)
    # When the tasks that follow the order were last sent; None: the broker did not take them.
    announced_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    receipt_sent: Mapped[bool] = mapped_column(default=False)
    webhook_sent: Mapped[bool] = mapped_column(default=False)
    user: Mapped[User] = relationship()


class Job(db.Model):
    """A task that a client may ask about. Its id is the id of the task."""

    id: Mapped[str] = mapped_column(primary_key=True, default=uuid)
    started_on: Mapped[date] = mapped_column(default=today)
    cancelled: Mapped[bool] = mapped_column(default=False)

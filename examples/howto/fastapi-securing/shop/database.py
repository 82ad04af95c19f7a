"""The database: one table, which says whose task is whose."""

from datetime import UTC, datetime

from celery import uuid
from sqlalchemy import DateTime, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url, pool_pre_ping=True)
new_session = sessionmaker(engine)


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """The base of every table."""


class Job(Base):
    """A task that somebody has started. Its id is the id of the task."""

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(primary_key=True, default=uuid)
    owner: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)

"""The tables of the shop."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Schedule(Base):
    """When a customer wants something; one row for each kind."""

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("customer_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    kind: Mapped[str]
    cron: Mapped[str]
    zone: Mapped[str]
    # In seconds since 1970, which no database takes for another time zone.
    next_run: Mapped[int] = mapped_column(BigInteger, index=True)


class Report(Base):
    """The report that was due at a time. There is one."""

    __tablename__ = "reports"

    customer_id: Mapped[int] = mapped_column(primary_key=True)
    due: Mapped[int] = mapped_column(BigInteger, primary_key=True)

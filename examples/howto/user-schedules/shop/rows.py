"""Schedules in a table of the shop."""

from datetime import UTC, datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from shop.models import Schedule
from shop.wishes import read


def set_schedule(session: Session, customer_id: int, kind: str, *, cron: str, zone: str) -> None:
    """Add or change a customer's schedule; raises ValueError if it is not allowed."""
    when = read(kind, cron, zone)
    key = {"customer_id": customer_id, "kind": kind}
    row = session.scalars(select(Schedule).filter_by(**key)).one_or_none() or Schedule(**key)
    row.cron, row.zone = cron, zone
    row.next_run = when.next_run(datetime.now(UTC))
    session.add(row)


def delete_schedule(session: Session, customer_id: int, kind: str) -> None:
    """Delete a customer's schedule, if there is one."""
    session.execute(delete(Schedule).filter_by(customer_id=customer_id, kind=kind))


def send_now(session: Session, customer_id: int, kind: str) -> None:
    """Let the next sweep send it."""
    now = int(datetime.now(UTC).timestamp())
    mine = update(Schedule).filter_by(customer_id=customer_id, kind=kind)
    session.execute(mine.values(next_run=now))

"""What the worker does: each task may run twice, also at the same time."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Order, Report


@celery_app.task
def make_report() -> str:
    """Make yesterday's report, once."""
    day = datetime.now(UTC).date() - timedelta(days=1)
    orders = select(func.count()).where(Order.placed_on == day)
    with new_session.begin() as session:
        report = Report(day=day)
        session.add(report)
        try:
            session.flush()
        except IntegrityError:
            session.rollback()
            return "was there"
        report.orders = session.scalars(orders).one()
        return f"{report.orders} orders"

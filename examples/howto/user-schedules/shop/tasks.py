"""What the worker does: each task may run twice, also at the same time."""

from datetime import UTC, datetime

from celery.utils.log import get_task_logger
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Report, Schedule
from shop.wishes import KINDS, read

logger = get_task_logger(__name__)


@celery_app.task
def send_due() -> int:
    """Send what is due, and return how many tasks that were."""
    now = datetime.now(UTC)
    due = select(Schedule.id).where(Schedule.next_run <= now.timestamp())
    with new_session() as session:
        ids = session.scalars(due).all()
    sent = 0
    for schedule_id in ids:
        try:
            sent += send(schedule_id, now)
        except ValueError:  # it is no longer allowed; the others must not wait for it
            logger.exception("schedule %s cannot be read", schedule_id)
    return sent


def send(schedule_id: int, now: datetime) -> bool:
    """Send one task, unless another sweep does.

    Raises OperationalError if the broker is away, and ValueError if it is not allowed.
    """
    with new_session.begin() as session:
        row = session.get(Schedule, schedule_id)
        if row is None or row.next_run > now.timestamp():
            return False
        due, following = row.next_run, read(row.kind, row.cron, row.zone).next_run(now)
        claim = update(Schedule).values(next_run=following)
        mine = claim.where(Schedule.id == schedule_id, Schedule.next_run == due)
        if session.execute(mine).rowcount == 0:
            return False
        celery_app.tasks[KINDS[row.kind]].delay(row.customer_id, due)
        return True


@celery_app.task
def make_report(customer_id: int, due: int | None = None) -> str:
    """Make the report of a customer that was due at a time, once."""
    if due is None:  # RedBeat does not say; it is once an hour at most
        due = int(datetime.now(UTC).timestamp()) // 3600 * 3600
    with new_session.begin() as session:
        session.add(Report(customer_id=customer_id, due=due))
        try:
            session.flush()
        except IntegrityError:
            session.rollback()
            return "was there"
        return f"report for customer {customer_id}"

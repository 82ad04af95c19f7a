"""What the worker does. Every argument is an id or a plain value."""

from datetime import UTC, datetime, timedelta

import requests
from celery import Task
from celery.exceptions import Ignore, TaskRevokedError
from celery.states import REVOKED
from kombu.exceptions import OperationalError
from sqlalchemy import delete, func, select, update

from shop import mail, thumbnails, webhooks
from shop.celery_app import celery_app
from shop.config import get_settings
from shop.database import new_session
from shop.models import Job, Order, User, now, today

MONTHS = 12
# Celery keeps results for a day, too.
KEEP = timedelta(days=1)
# A request that places an order has ended by then.
LATE = timedelta(minutes=5)
# Longer than all retries of a task take together.
UNDONE = timedelta(hours=1)
# What has not worked for so long needs a person.
GIVE_UP = timedelta(days=1)


class ReportError(Exception):
    """A report that cannot be made. Its message may be shown to a client."""


def announce(order_id: int) -> None:
    """Send the tasks that follow an order, and note when.

    Raises OperationalError if the broker does not answer; then nothing is noted.
    """
    # Before the message: send_receipt() locks the row, and a request must not wait for the mail.
    note_announced(order_id, now())
    try:
        send_receipt.delay(order_id)
        if get_settings().webhook_url:
            send_webhook.delay(order_id)
    except OperationalError:
        note_announced(order_id, None)
        raise


def note_announced(order_id: int, moment: datetime | None) -> None:
    """Note when the broker took the tasks of an order; None: it did not."""
    with new_session.begin() as session:
        session.execute(update(Order).where(Order.id == order_id).values(announced_at=moment))


@celery_app.task
def announce_late_orders() -> int:
    """Announce again the orders whose tasks have not done their work, and return their number."""
    undone = ~Order.receipt_sent
    if get_settings().webhook_url:
        undone |= ~Order.webhook_sent
    never_sent = Order.announced_at.is_(None) & (Order.placed_at < now() - LATE)
    lost = Order.announced_at < now() - UNDONE
    due = select(Order.id).where(Order.placed_at > now() - GIVE_UP, undone, never_sent | lost)
    with new_session() as session:
        ids = session.scalars(due.order_by(Order.id)).all()
    for order_id in ids:
        announce(order_id)
    return len(ids)


@celery_app.task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order to the customer, once.

    Raises NoResultFound if the order is gone, MailRefusedError if the mail server does not want the
    mail.
    """
    with new_session.begin() as session:
        # A second message waits here, then finds the note. SQLite knows no such lock.
        order = session.get_one(Order, order_id, with_for_update=True)
        if not order.receipt_sent:
            mail.send_receipt(order)
            order.receipt_sent = True


@celery_app.task(autoretry_for=(requests.RequestException,), retry_backoff=30, max_retries=8)
def send_webhook(order_id: int) -> None:
    """Tell the receiver of the settings about an order, at least once.

    Raises NoResultFound if the order is gone, WebhookRefusedError if the receiver does not want it.
    """
    with new_session() as session:
        order = session.get_one(Order, order_id)
    if order.webhook_sent:
        return
    # No lock while the receiver is slow: it knows a second message by the key.
    body = {"order_id": order.id, "total_cents": order.total_cents}
    webhooks.deliver(get_settings().webhook_url, f"order-{order.id}", body)
    with new_session.begin() as session:
        session.execute(update(Order).where(Order.id == order_id).values(webhook_sent=True))


@celery_app.task
def archive_user(user_id: int) -> None:
    """Archive a customer, once. A customer who is gone needs no archiving."""
    with new_session.begin() as session:
        session.execute(
            update(User)
            .where(User.id == user_id, User.archived_on.is_(None))
            .values(archived_on=today())
        )


@celery_app.task(bind=True, ignore_result=False)
def make_report(self: Task, year: int) -> dict[str, int]:
    """Add up the orders of a year, month by month.

    Raises ReportError if there are none, Ignore if a client has cancelled the report.
    """
    orders = total = 0
    for month in range(1, MONTHS + 1):
        stop_if_cancelled(self)
        begin = datetime(year, month, 1, tzinfo=UTC)
        end = datetime(year + month // MONTHS, month % MONTHS + 1, 1, tzinfo=UTC)
        sums = select(func.count(), func.coalesce(func.sum(Order.total_cents), 0)).where(
            Order.placed_at >= begin, Order.placed_at < end
        )
        with new_session() as session:
            count, cents = session.execute(sums).one()
        orders += count
        total += cents
        self.update_state(state="PROGRESS", meta={"done": month, "total": MONTHS})
    if orders == 0:
        message = f"no orders in {year}"
        raise ReportError(message)
    return {"orders": orders, "total_cents": total}


def stop_if_cancelled(task: Task) -> None:
    """End a task that a client has cancelled.

    Raises Ignore, which leaves the state as it was set here.
    """
    with new_session() as session:
        cancelled = session.scalar(select(Job.cancelled).where(Job.id == task.request.id))
    if cancelled:
        task.update_state(state=REVOKED, meta=TaskRevokedError("revoked"))
        raise Ignore


@celery_app.task(bind=True, ignore_result=False)
def shrink_image(self: Task, image_id: str) -> dict[str, int]:
    """Make the thumbnail of an upload.

    Raises ImageError if the shop cannot read it, FileNotFoundError if it is gone, Ignore if a
    client has cancelled it.
    """
    stop_if_cancelled(self)
    width, height = thumbnails.shrink(image_id)
    return {"width": width, "height": height}


@celery_app.task
def tidy() -> int:
    """Delete old jobs and their files, and return how many jobs that were."""
    old = select(Job.id).where(Job.started_on < today() - KEEP)
    with new_session.begin() as session:
        ids = session.scalars(old).all()
        for job_id in ids:
            thumbnails.delete(job_id)
        session.execute(delete(Job).where(Job.id.in_(ids)))
    return len(ids)

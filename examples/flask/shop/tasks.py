"""What the worker does. Every argument is an id or a plain value."""

from datetime import UTC, datetime, timedelta

import requests
from celery import Task, shared_task
from celery.exceptions import Ignore, TaskRevokedError
from celery.states import REVOKED
from flask import current_app
from kombu.exceptions import OperationalError
from sqlalchemy import delete, func, select, update

from shop import thumbnails, webhooks
from shop.extensions import db, mailer
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
        if current_app.config["WEBHOOK_URL"]:
            send_webhook.delay(order_id)
    except OperationalError:
        note_announced(order_id, None)
        raise


def note_announced(order_id: int, moment: datetime | None) -> None:
    """Note when the broker took the tasks of an order; None: it did not."""
    db.session.execute(update(Order).where(Order.id == order_id).values(announced_at=moment))
    db.session.commit()


@shared_task
def announce_late_orders() -> int:
    """Announce again the orders whose tasks have not done their work, and return their number."""
    undone = ~Order.receipt_sent
    if current_app.config["WEBHOOK_URL"]:
        undone |= ~Order.webhook_sent
    never_sent = Order.announced_at.is_(None) & (Order.placed_at < now() - LATE)
    lost = Order.announced_at < now() - UNDONE
    due = select(Order.id).where(Order.placed_at > now() - GIVE_UP, undone, never_sent | lost)
    ids = db.session.scalars(due.order_by(Order.id)).all()
    for order_id in ids:
        announce(order_id)
    return len(ids)


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order to the customer, once.

    Raises NoResultFound if the order is gone, MailRefusedError if the mail server does not want the
    mail.
    """
    # A second message waits here, then finds the note. SQLite knows no such lock.
    order = db.session.get_one(Order, order_id, with_for_update=True)
    if order.receipt_sent:
        return
    mailer.send_message(
        subject=f"Receipt for order {order.id}",
        recipients=[order.user.email],
        body=f"You paid {order.total_cents / 100:.2f}.",
    )
    order.receipt_sent = True
    db.session.commit()


@shared_task(
    autoretry_for=(requests.RequestException,),
    retry_backoff=30,
    max_retries=8,
)
def send_webhook(order_id: int) -> None:
    """Tell the receiver of the configuration about an order, at least once.

    Raises NoResultFound if the order is gone, WebhookRefusedError if the receiver does not want it.
    """
    order = db.session.get_one(Order, order_id)
    if order.webhook_sent:
        return
    body = {"order_id": order.id, "total_cents": order.total_cents}
    webhooks.deliver(current_app.config["WEBHOOK_URL"], f"order-{order.id}", body)
    order.webhook_sent = True
    db.session.commit()


@shared_task
def archive_user(user_id: int) -> None:
    """Archive a customer, once. A customer who is gone needs no archiving."""
    user = db.session.get(User, user_id)
    if user is None or user.archived_on is not None:
        return
    user.archived_on = today()
    db.session.commit()


@shared_task(bind=True, ignore_result=False)
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
        count, cents = db.session.execute(sums).one()
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
    if db.session.scalar(select(Job.cancelled).where(Job.id == task.request.id)):
        task.update_state(state=REVOKED, meta=TaskRevokedError("revoked"))
        raise Ignore


@shared_task(bind=True, ignore_result=False)
def shrink_image(self: Task, image_id: str) -> dict[str, int]:
    """Make the thumbnail of an upload.

    Raises ImageError if the shop cannot read it, FileNotFoundError if it is gone, Ignore if a
    client has cancelled it.
    """
    stop_if_cancelled(self)
    width, height = thumbnails.shrink(image_id)
    return {"width": width, "height": height}


@shared_task
def tidy() -> int:
    """Delete old jobs and their files, and return how many jobs that were."""
    before = today() - KEEP
    for job_id in db.session.scalars(select(Job.id).where(Job.started_on < before)):
        thumbnails.delete(job_id)
    deleted = db.session.execute(delete(Job).where(Job.started_on < before)).rowcount
    db.session.commit()
    return deleted

"""What the worker does. Every argument is an id or a plain value."""

from datetime import timedelta

import requests
from celery import Task, shared_task
from celery.exceptions import Ignore, TaskRevokedError
from celery.states import REVOKED
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from shop import mail, thumbnails, webhooks
from shop.models import Job, Order, User, today

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
    """Send the tasks that follow an order, and note when the broker took them.

    Raises OperationalError if the broker does not answer; then nothing is noted.
    """
    with transaction.atomic():
        # First: the worker locks the row while it mails, and a request must not wait for that.
        Order.objects.filter(pk=order_id).update(announced_at=timezone.now())
        send_receipt.delay(order_id)
        if settings.WEBHOOK_URL:
            send_webhook.delay(order_id)


@shared_task
def announce_late_orders() -> int:
    """Announce again the orders whose tasks have not done their work, and return their number."""
    now = timezone.now()
    undone = Q(receipt_sent=False)
    if settings.WEBHOOK_URL:
        undone |= Q(webhook_sent=False)
    never = Q(announced_at=None, placed_at__lt=now - LATE)
    long_ago = Q(announced_at__lt=now - UNDONE)
    due = Order.objects.filter(undone, never | long_ago, placed_at__gt=now - GIVE_UP)
    ids = list(due.order_by("pk").values_list("pk", flat=True))
    for order_id in ids:
        announce(order_id)
    return len(ids)


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order to the customer, once.

    Raises Order.DoesNotExist if the order is gone, MailRefusedError if the mail server does not
    want the mail.
    """
    with transaction.atomic():
        # A second message waits here. SQLite locks no rows: there, the whole file is locked.
        order = (
            Order.objects.select_for_update(of=("self",)).select_related("user").get(pk=order_id)
        )
        if order.receipt_sent:
            return
        mail.send_receipt(order)
        order.receipt_sent = True
        order.save(update_fields=["receipt_sent"])


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=30, max_retries=8)
def send_webhook(order_id: int) -> None:
    """Tell the receiver of the settings about an order.

    Raises Order.DoesNotExist if the order is gone, WebhookRefusedError if the receiver does not
    want it.
    """
    order = Order.objects.get(pk=order_id)
    if order.webhook_sent:
        return
    body = {"order_id": order.pk, "total_cents": order.total_cents}
    # No lock while the receiver takes its time: it knows a second message by its key.
    webhooks.deliver(settings.WEBHOOK_URL, f"order-{order.pk}", body)
    order.webhook_sent = True
    order.save(update_fields=["webhook_sent"])


@shared_task
def archive_user(user_id: int) -> None:
    """Archive a customer, once. A customer who is gone needs no archiving."""
    User.objects.filter(pk=user_id, archived_on=None).update(archived_on=today())


@shared_task(bind=True, ignore_result=False)
def make_report(self: Task, year: int) -> dict[str, int]:
    """Add up the orders of a year, month by month.

    Raises ReportError if there are none, Ignore if a client has cancelled the report.
    """
    orders = total = 0
    for month in range(1, MONTHS + 1):
        stop_if_cancelled(self)
        sums = Order.objects.filter(placed_at__year=year, placed_at__month=month).aggregate(
            count=Count("pk"), cents=Sum("total_cents", default=0)
        )
        orders += sums["count"]
        total += sums["cents"]
        self.update_state(state="PROGRESS", meta={"done": month, "total": MONTHS})
    if orders == 0:
        message = f"no orders in {year}"
        raise ReportError(message)
    return {"orders": orders, "total_cents": total}


def stop_if_cancelled(task: Task) -> None:
    """End a task that a client has cancelled.

    Raises Ignore, which leaves the state as it was set here.
    """
    if Job.objects.filter(pk=task.request.id, cancelled=True).exists():
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
    old = Job.objects.filter(started_on__lt=today() - KEEP)
    for job_id in old.values_list("pk", flat=True):
        thumbnails.delete(str(job_id))
    deleted, _ = old.delete()
    return deleted

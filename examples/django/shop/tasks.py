"""What the worker does. Every argument is an id or a plain value."""

from datetime import timedelta

import requests
from celery import Task, shared_task
from celery.exceptions import Ignore, TaskRevokedError
from celery.states import REVOKED
from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone

from shop import mail, thumbnails, webhooks
from shop.models import Job, Order, User, today

MONTHS = 12
# Celery keeps results for a day, too.
KEEP = timedelta(days=1)
# A request that places an order has ended by then.
LATE = timedelta(minutes=5)


class ReportError(Exception):
    """A report that cannot be made. Its message may be shown to a client."""


def announce(order_id: int) -> None:
    """Send the tasks that follow an order, and note that the broker has them.

    Raises OperationalError if the broker does not answer.
    """
    send_receipt.delay(order_id)
    if settings.WEBHOOK_URL:
        send_webhook.delay(order_id)
    Order.objects.filter(pk=order_id).update(announced=True)


@shared_task
def announce_late_orders() -> int:
    """Announce the orders that were placed while the broker was away, and return their number."""
    late = Order.objects.filter(announced=False, placed_at__lt=timezone.now() - LATE)
    ids = list(late.values_list("pk", flat=True))
    for order_id in ids:
        announce(order_id)
    return len(ids)


@shared_task(autoretry_for=(OSError,), retry_backoff=30, max_retries=8)
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order to the customer, once.

    Raises Order.DoesNotExist if the order is gone, MailRefusedError if the mail server does not
    want the mail.
    """
    order = Order.objects.select_related("user").get(pk=order_id)
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
    body = {"order_id": order.pk, "total_cents": order.total_cents}
    webhooks.deliver(settings.WEBHOOK_URL, f"order-{order.pk}", body)


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

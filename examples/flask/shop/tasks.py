"""What the worker does. Every argument is an id or a plain value."""

from email.message import EmailMessage

from celery import Task, shared_task
from sqlalchemy import extract, func, select

from shop import mail
from shop.extensions import db
from shop.models import Order, User, today

MONTHS = 12


class ReportError(Exception):
    """A report that cannot be made. Its message may be shown to a client."""


@shared_task
def send_receipt(order_id: int) -> None:
    """Mail the receipt of an order to the customer.

    Raises NoResultFound if the order is gone, OSError if the mail cannot be sent.
    """
    order = db.session.get_one(Order, order_id)
    message = EmailMessage()
    message["From"] = "shop@example.org"
    message["To"] = order.user.email
    message["Subject"] = f"Receipt for order {order.id}"
    message.set_content(f"You paid {order.total_cents / 100:.2f}.")
    mail.send(message)


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

    Raises ReportError if there are none.
    """
    orders = total = 0
    for month in range(1, MONTHS + 1):
        count, cents = db.session.execute(
            select(func.count(), func.coalesce(func.sum(Order.total_cents), 0)).where(
                extract("year", Order.placed_on) == year,
                extract("month", Order.placed_on) == month,
            )
        ).one()
        orders += count
        total += cents
        self.update_state(state="PROGRESS", meta={"done": month, "total": MONTHS})
    if orders == 0:
        message = f"no orders in {year}"
        raise ReportError(message)
    return {"orders": orders, "total_cents": total}

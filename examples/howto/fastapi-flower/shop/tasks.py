"""What the shop does outside of a request."""

import time

from celery import Task
from celery.utils.log import get_task_logger

from shop.celery_app import celery_app
from shop.config import settings

MONTHS = 12
logger = get_task_logger(__name__)


@celery_app.task
def send_receipt(email: str) -> str:
    """Send a receipt; raises ValueError for what is not an e-mail address."""
    time.sleep(settings.mail_seconds)  # stands for a slow mail server
    if "@" not in email:
        message = "not an e-mail address"
        raise ValueError(message)
    return "sent"


@celery_app.task(autoretry_for=(ConnectionError,), default_retry_delay=60)
def ask_bank(order_id: int) -> str:
    """Ask whether an order is paid; the bank does not answer."""
    message = f"no answer about order {order_id}"
    raise ConnectionError(message)


@celery_app.task(bind=True)
def make_report(self: Task, year: int) -> str:
    """Add up the orders of a year, and tell after each month how far it is."""
    for month in range(1, MONTHS + 1):
        self.update_state(state="PROGRESS", meta={"done": month, "total": MONTHS})
        logger.info("month %s of %s", month, year)
        time.sleep(settings.month_seconds)  # stands for a slow query
    return f"report of {year}"

"""The tasks."""

import httpx2
from celery import Task
from celery.exceptions import SoftTimeLimitExceeded

from shop import payments
from shop.celery_app import celery_app


@celery_app.task(
    bind=True,
    autoretry_for=(
        httpx2.TransportError,
        payments.BankUnavailableError,
        SoftTimeLimitExceeded,
    ),
    dont_autoretry_for=(httpx2.UnsupportedProtocol,),  # SHOP_BANK_URL is wrong
    retry_backoff=2,
    retry_backoff_max=300,
    max_retries=8,
    soft_time_limit=30,
    time_limit=40,
)
def charge(self: Task, order_id: int, cents: int) -> str:
    """Have the bank charge a customer, and return its receipt.

    Raises PaymentRefusedError if the bank says no, the last error if all attempts fail.
    """
    try:
        return payments.charge(order_id, cents)
    except payments.BankBusyError as error:
        raise self.retry(exc=error, countdown=error.seconds) from error

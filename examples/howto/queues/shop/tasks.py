"""The tasks."""

import time

from shop.celery_app import celery_app


@celery_app.task
def reset_password(user: int) -> str:
    """Mail a link for which somebody waits."""
    return f"mailed user {user}"


@celery_app.task
def send_receipt(order: int) -> str:
    """Send a receipt."""
    return f"sent receipt {order}"


@celery_app.task
def make_report(year: int) -> str:
    """Take long."""
    time.sleep(2)
    return f"report of {year}"


@celery_app.task(rate_limit="1/h")
def ask_bank(order: int) -> str:
    """Ask a bank that wants few questions."""
    return f"asked for {order}"

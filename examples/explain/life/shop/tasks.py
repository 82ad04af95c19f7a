"""Tasks that take as long as you like: a receipt waits until the printer has paper."""

import time
from pathlib import Path

from shop.celery_app import celery_app

PAPER = Path("paper")


def wait_for_paper() -> None:
    """Wait until somebody creates the file ``paper``."""
    while not PAPER.exists():
        time.sleep(0.05)


@celery_app.task
def print_receipt(order_id: int) -> str:
    """Print a receipt; acknowledged before it begins, as is the default."""
    wait_for_paper()
    return f"receipt {order_id}"


@celery_app.task(acks_late=True)
def print_receipt_late(order_id: int) -> str:
    """Print a receipt; acknowledged when it is done."""
    wait_for_paper()
    return f"receipt {order_id}"

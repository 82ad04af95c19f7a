"""Wait until the worker has nothing to do, and count."""

from collections import Counter
from time import sleep

import click
from shop import MAIL, app, broker, database


def is_idle() -> bool:
    """Say whether the queue is empty, and the worker runs and holds nothing."""
    if broker.llen("celery"):
        return False
    worker = app.control.inspect(limit=1)  # there is one: wait for no more
    answers = (worker.active(), worker.reserved(), worker.scheduled())
    return all(answer and not any(answer.values()) for answer in answers)


def wait_until_idle() -> None:
    """Wait until it is idle three times in a row: a message may be on its way."""
    while not all(is_idle() for _ in range(3)):
        sleep(0.2)


def report() -> str:
    """Say what became of the orders, and what the broker still has."""
    with database() as db:
        orders = [order_id for (order_id,) in db.execute("SELECT id FROM orders ORDER BY id")]
    receipts = Counter(map(int, MAIL.read_text().split()))
    missing = ", ".join(str(order) for order in orders if not receipts[order])
    twice = ", ".join(str(order) for order in orders if receipts[order] > 1)
    queued, unacked = broker.llen("celery"), broker.hlen("unacked")
    return (
        f"orders: {len(orders)}; no receipt: {missing or 'none'}; "
        f"more than one: {twice or 'none'}\n"
        f"Redis has {queued} in the queue and {unacked} in unacked"
    )


if __name__ == "__main__":
    wait_until_idle()
    click.echo(report())

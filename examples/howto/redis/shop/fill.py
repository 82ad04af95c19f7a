"""Send messages, and count those that wait: ``python -m shop.fill 800``."""

import sys

from redis import Redis

from shop.celery_app import celery_app
from shop.tasks import send_mail

TEXT = "Thank you for your order. " * 100


def fill(redis: Redis, count: int) -> str:
    """Send messages that nobody takes, and say whether they are there."""
    for order_id in range(count):
        send_mail.delay(order_id, TEXT)
    waiting = redis.llen("celery")  # kombu puts the prefix before it
    return f"{count} sent, {'all' if waiting == count else 'not all'} of them wait"


if __name__ == "__main__":
    with celery_app.connection_for_write() as connection:
        said = fill(connection.default_channel.client, int(sys.argv[1]))
        sys.stdout.write(f"{said}\n")

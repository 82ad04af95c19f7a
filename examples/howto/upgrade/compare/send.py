"""Send one message of each kind to a worker of another version: `python -m compare.send REDIS QUEUE`.

With `--record`, print the message of `shop.tasks.send_receipt` as it lies in the queue, where no worker takes it.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from celery.exceptions import TimeoutError as NoAnswer

from compare.app import add, add_all, add_three_times, again, celery_app, fail, types

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 20  # until an answer must be there, also on a busy machine
VALUES = (UUID(int=1), Decimal("1.5"), datetime(2026, 11, 21, tzinfo=UTC))

KINDS: dict[str, tuple[Callable[[], Any], object]] = {
    "a task": (lambda: add.delay(1, 2), 3),
    "UUID, Decimal and datetime": (
        lambda: types.delay(*VALUES),
        ["UUID", "Decimal", "datetime"],
    ),
    "a countdown": (lambda: add.apply_async((1, 2), countdown=0.5), 3),
    "a retry": (again.delay, 1),
    "an error": (fail.delay, "ValueError"),
    "a chain": (add_three_times, 10),
    "a chord": (add_all, 10),
}


def outcome(send: Callable[[], Any], expected: object) -> str:
    """Send, wait, and say whether the answer is right."""
    try:
        result = send()
        value = result.get(timeout=SECONDS, propagate=False)
    except NoAnswer:
        return "no answer"
    if isinstance(value, Exception):
        value = type(value).__name__
    return "right" if value == expected else f"{value!r}"


def record(queue: str) -> dict[str, Any]:
    """Return a message of the shop as it lies in Redis."""
    celery_app.send_task("shop.tasks.send_receipt", [7], queue=queue, task_id=str(UUID(int=7)))
    with celery_app.connection_for_read() as connection:
        message = json.loads(connection.default_channel.client.lpop(queue))
    message["headers"]["origin"] = "gen1@web"  # the name of a machine is nobody's business
    return message


def main() -> None:
    """Print what came of each kind, or the message."""
    url, queue, *options = sys.argv[1:]
    celery_app.conf.update(broker_url=url, result_backend=url, task_default_queue=queue)
    if options == ["--record"]:
        answer = record(queue)
    else:
        answer = {kind: outcome(*how) for kind, how in KINDS.items()}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()

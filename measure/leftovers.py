"""What a run makes in a shared Redis or RabbitMQ is deleted: at its end, or by the next run if it was killed."""

from __future__ import annotations

import contextlib
import json
import os
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# One file for each set of names in use: `<process id>-<number>.json`, with the Celery settings that hold them.
NOTES = Path(__file__).parents[1] / "build" / "leftovers"
NUMBERS = count()


def delete(settings: Mapping[str, Any]) -> None:
    """Delete the keys and the queues that a shop or a worker with these Celery settings has made."""
    import kombu
    import redis

    options = settings.get("result_backend_transport_options", {})
    if prefix := options.get("global_keyprefix"):
        with redis.Redis.from_url(settings["result_backend"]) as client:
            for key in client.scan_iter(f"{prefix}*", count=1000):
                client.delete(key)
    if queue := settings.get("task_default_queue"):
        with kombu.Connection(settings["broker_url"]) as connection:
            channel = connection.default_channel
            channel.queue_delete(queue)
            control, event = settings["control_exchange"], settings["event_exchange"]
            for exchange in (queue, event, f"{control}.pidbox", f"reply.{control}.pidbox"):
                channel.exchange_delete(exchange)


@contextlib.contextmanager
def deleted_afterwards(settings: Mapping[str, Any], notes: Path = NOTES) -> Iterator[None]:
    """Delete what was made with these settings when the block ends, however it ends."""
    notes.mkdir(parents=True, exist_ok=True)
    note = notes / f"{os.getpid()}-{next(NUMBERS)}.json"
    note.write_text(json.dumps(settings), encoding="utf-8")
    try:
        yield
    finally:
        delete(settings)
        note.unlink()


def delete_of_dead_runs(notes: Path = NOTES) -> None:
    """Delete what runs on this machine have left that were killed with SIGKILL."""
    if not Path("/proc/self").exists():  # nothing tells whether they are dead
        return
    from amqp.exceptions import NotAllowed
    from kombu.exceptions import OperationalError
    from redis.exceptions import ConnectionError as RedisAwayError

    for note in notes.glob("*-*.json"):
        if not Path("/proc", note.stem.partition("-")[0]).exists():
            # What is in a service that is away now stays noted for a later run; a virtual host may be gone as a whole.
            with contextlib.suppress(OSError, OperationalError, RedisAwayError):
                with contextlib.suppress(NotAllowed):
                    delete(json.loads(note.read_text(encoding="utf-8")))
                note.unlink()

"""The services of the live lanes: each shop has its own database, key prefix and queues, and leaves nothing behind."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from verify.services import Missing, provide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NEEDS = {"redis": {"postgresql", "redis"}, "rabbitmq": {"postgresql", "rabbitmq", "redis"}}


@contextlib.contextmanager
def urls(wanted: Iterable[tuple[str, str]]) -> Iterator[dict[tuple[str, str], dict[str, str]]]:
    """Provide what each shop (its framework, its lane) needs: variables with URLs."""
    needs = {"-".join(shop): NEEDS.get(shop[1], set()) for shop in wanted}
    try:
        with provide(needs) as provided:
            yield {shop: provided["-".join(shop)] for shop in wanted}
    except Missing as exc:
        pytest.exit(str(exc), pytest.ExitCode.TESTS_FAILED)


def leave_nothing(settings: dict[str, Any]) -> None:
    """Delete the keys and the queues that a shop with these Celery settings has made."""
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

"""The services of the live lanes: each shop has its own database, key prefix and queues, and leaves nothing behind."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from measure.leftovers import delete_of_dead_runs
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
            delete_of_dead_runs()
            yield {shop: provided["-".join(shop)] for shop in wanted}
    except Missing as exc:
        pytest.exit(str(exc), pytest.ExitCode.TESTS_FAILED)

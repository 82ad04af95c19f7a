"""One contract for three shops: `pytest tests/contract`, with services `pytest tests/contract --live`."""

from __future__ import annotations

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shops import Shop

sys.path.insert(0, str(Path(__file__).parent))
LANES = ("eager", "worker", "files")
LIVE_LANES = ("redis", "rabbitmq")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test in each framework and lane."""
    from shops import FRAMEWORKS

    if "shop" not in metafunc.fixturenames:
        return
    lanes = LIVE_LANES if metafunc.config.option.live else LANES
    if metafunc.module.__name__ == "test_broker_away":
        lanes = ("away",)
    cases = [(framework, lane) for lane in lanes for framework in FRAMEWORKS]
    metafunc.parametrize("shop", cases, ids="-".join, indirect=True, scope="session")


@pytest.fixture(scope="session")
def shops(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[tuple[str, str], Shop]]:
    """Start every shop that some test asks for, side by side, and stop them in the end."""
    from services import urls
    from shops import Prepared, running

    items = [item for item in request.session.items if "shop" in getattr(item, "fixturenames", ())]
    wanted = sorted({tuple(item.callspec.params["shop"]) for item in items})
    place, prepared = tmp_path_factory.mktemp("shops"), Prepared()
    with contextlib.ExitStack() as stack, ThreadPoolExecutor() as pool:
        found = stack.enter_context(urls(wanted))
        contexts = {
            (framework, lane): running(
                framework, lane, place / f"{framework}_{lane}", found[framework, lane], prepared
            )
            for framework, lane in wanted
        }
        futures = {key: pool.submit(context.__enter__) for key, context in contexts.items()}
        for key, context in contexts.items():
            if futures[key].exception() is None:
                stack.push(context)
        yield {key: future.result() for key, future in futures.items()}


@pytest.fixture
def shop(request: pytest.FixtureRequest, shops: dict[tuple[str, str], Shop]) -> Shop:
    """Return a shop that runs."""
    return shops[tuple(request.param)]

"""The bell, at a small Redis of the tests."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from shop import bell
from shop.config import Settings
from shop.notifications import mark_read, notify

from conftest import Redis


async def until(true: Callable[[], object]) -> None:
    """Wait until something is true, for ten seconds at most."""
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.01)
    pytest.fail("it never was")


def run(work: Callable[[], Awaitable[None]]) -> None:
    """Run a test on a loop, while the process listens."""

    async def main() -> None:
        async with bell.listening():
            await work()

    asyncio.run(main())


def test_it_wakes_those_who_wait(redis: type[Redis]) -> None:
    async def work() -> None:
        with bell.wait_for("customer:7") as rung, bell.wait_for("customer:8") as other:
            await until(lambda: redis.subscribers and rung.is_set() and other.is_set())
            rung.clear()
            other.clear()
            await asyncio.to_thread(notify, 7, "news")
            await bell.pause(rung)
            assert (rung.is_set(), other.is_set()) == (True, False)
            rung.clear()
            await asyncio.to_thread(mark_read, 7, 1)
            await bell.pause(rung)
            assert rung.is_set()

    run(work)


def test_a_bell_that_comes_back(redis: type[Redis], monkeypatch: pytest.MonkeyPatch) -> None:
    assert bell.AGAIN == 1
    monkeypatch.setattr(bell, "AGAIN", 0.01)

    async def work() -> None:
        await until(lambda: redis.subscribers)
        redis.subscribers.pop().connection.shutdown(2)
        await until(lambda: redis.subscribers)
        with bell.wait_for("customer:7") as rung:
            await asyncio.to_thread(bell.ring, "customer:7")
            await bell.pause(rung)
            assert rung.is_set()

    run(work)


def test_a_bell_that_is_broken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings.bell_url = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(bell, "WITH_BELL", 0.01)
    monkeypatch.setattr(bell, "AGAIN", 30)

    async def work() -> None:
        with bell.wait_for("customer:7") as rung:
            await until(lambda: "the bell is silent" in caplog.text)
            await asyncio.to_thread(bell.ring, "customer:7")
            await bell.pause(rung)
            assert not rung.is_set()

    run(work)
    assert "nobody hears of customer:7" in caplog.text
    assert caplog.messages.count("the bell is silent") == 1


@pytest.mark.parametrize(("url", "seconds"), [("", 0.01), ("redis://127.0.0.1:1/0", 0.05)])
def test_how_often_a_client_looks(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str, seconds: float
) -> None:
    assert (bell.WITHOUT_BELL, bell.WITH_BELL) == (0.01, 30)
    monkeypatch.setattr(bell, "WITH_BELL", 0.05)
    settings.bell_url = url
    before = time.monotonic()
    asyncio.run(bell.pause(asyncio.Event()))
    assert seconds <= time.monotonic() - before < 10


def test_without_a_bell_nobody_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "client", None)
    bell.ring("customer:7")

"""Awaiting in tasks: a loop for each task, and one for the process."""

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import mistakes
import pytest
from celery import signals
from celery.exceptions import SoftTimeLimitExceeded
from shop import loop, partners
from shop.tasks import tell_partner

from conftest import Partner

Run = Callable[[Coroutine[None, None, None]], None]


def test_one_loop_keeps_the_connection(worker: None, partner: type[Partner]) -> None:
    for order_id in (1, 2, 3):
        result = tell_partner.apply_async(("bakery", order_id), ignore_result=False)
        assert result.get(timeout=30, interval=0.01) == f"bakery knows order {order_id}"
    assert partner.connections == 1


def test_an_error_comes_out_of_the_loop(partner: type[Partner]) -> None:
    with pytest.raises(httpx2.HTTPStatusError, match="404"):
        tell_partner("nobody", 1)
    assert tell_partner("post", 1) == "post knows order 1"


def test_two_threads_share_one_loop(partner: type[Partner]) -> None:
    loops = []
    threads = [threading.Thread(target=lambda: loops.append(loop.get_loop())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(loops)) == 1


@pytest.mark.parametrize(
    "shutdown", [signals.worker_process_shutdown, signals.worker_shutdown], ids=lambda s: s.name
)
def test_the_worker_closes_what_is_open(shutdown: signals.Signal, partner: type[Partner]) -> None:
    tell_partner("bakery", 1)
    client, first = partners.shared_client(), loop.get_loop()
    shutdown.send(sender=None)
    assert client.is_closed
    assert partners.shared_client.cache_info().currsize == 0
    assert first.is_closed()
    shutdown.send(sender=None)  # the second does no harm
    assert tell_partner("bakery", 2) == "bakery knows order 2"
    assert loop.get_loop() is not first


def wait_until(is_so: Callable[[], bool]) -> None:
    """Give the partner's threads a moment."""
    deadline = time.monotonic() + 2
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_one_client_for_many_loops_fails_every_second_time(
    partner: type[Partner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistakes, "client", partners.new_client())
    with ThreadPoolExecutor() as worker:
        for order_id in (1, 3):
            first = worker.submit(mistakes.tell_with_one_client, "post", order_id)
            assert first.result() == f"post knows order {order_id}"
            second = worker.submit(mistakes.tell_with_one_client, "post", order_id + 1)
            assert str(second.exception()) == "Event loop is closed"
            wait_until(lambda n=order_id + 1: partner.requests == n)  # both have sent their request
        del first, second
    monkeypatch.undo()
    gc.collect()  # the connections that are left over warn here


def interrupt(*_: object) -> None:
    """Do what a worker process does at the soft time limit."""
    raise SoftTimeLimitExceeded


def begin_the_time_limit() -> None:
    """Interrupt the main thread in a twentieth of a second."""
    signal.setitimer(signal.ITIMER_REAL, 0.05)


@pytest.fixture
def limit() -> Iterator[None]:
    """Prepare the main thread for the end of the time limit."""
    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("run", [asyncio.run, loop.run])
@pytest.mark.usefixtures("limit")
def test_a_time_limit_cancels_the_coroutine(run: Run) -> None:
    ended: list[str] = []

    async def work() -> None:
        begin_the_time_limit()
        try:
            await asyncio.sleep(0.2)
            ended.append("finished")
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(SoftTimeLimitExceeded):
        run(work())
    loop.run(asyncio.sleep(0.3))
    assert ended == ["cancelled"]


@pytest.mark.usefixtures("limit")
def test_a_runner_goes_on_in_the_next_task() -> None:
    ended: list[str] = []

    async def work() -> None:
        begin_the_time_limit()
        await asyncio.sleep(0.2)
        ended.append("finished")

    with asyncio.Runner() as runner:
        with pytest.raises(SoftTimeLimitExceeded):
            runner.run(work())
        assert ended == []
        runner.run(asyncio.sleep(0.3))  # the next task of this process
        assert ended == ["finished"]


def test_a_runner_takes_one_thread_at_a_time() -> None:
    errors: list[str] = []

    def task(runner: asyncio.Runner) -> None:
        work = asyncio.sleep(0.1)
        try:
            runner.run(work)
        except RuntimeError as exc:
            errors.append(str(exc))
            work.close()

    with asyncio.Runner() as runner:
        runner.get_loop()
        threads = [threading.Thread(target=task, args=(runner,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert errors == ["This event loop is already running"]

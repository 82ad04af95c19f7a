"""What a fork does to clients, locks and generators."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import httpx2
import numpy as np
import pytest
import requests
from shop import clients, naive, tasks

Ask = Callable[[str], str]


class Partner(NamedTuple):
    """A web server, and its output."""

    url: str
    process: subprocess.Popen[str]


@pytest.fixture(scope="module")
def partner() -> Iterator[Partner]:
    """Start a web server in a process of its own."""
    program = Path(__file__).with_name("server.py")
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as process:
        yield Partner(process.stdout.readline().strip(), process)
        process.kill()


@pytest.fixture(params=["httpx2", "requests"])
def ask(request: pytest.FixtureRequest, partner: Partner) -> Iterator[Ask]:
    """Return a function that asks the server with a client that is made now."""
    if request.param == "httpx2":
        with httpx2.Client(base_url=partner.url, timeout=20) as client:
            yield lambda path: client.get(path).text
    else:
        with requests.Session() as session:
            yield lambda path: session.get(f"{partner.url}{path}", timeout=20).text


def child(function: Callable[[], object], writer: int) -> int:
    """Fork, write what the function returns in the child, and return the child's id."""
    if pid := os.fork():
        return pid
    try:
        os.write(writer, str(function()).encode())
    finally:
        os._exit(0)


def in_a_child(function: Callable[[], object]) -> str:
    """Fork, and return what the function returns in the child."""
    reader, writer = os.pipe()
    pid = child(function, writer)
    os.close(writer)
    os.waitpid(pid, 0)
    with os.fdopen(reader) as file:
        return file.read()


def test_a_client_that_has_not_asked_yet_can_be_inherited(ask: Ask) -> None:
    assert in_a_child(lambda: ask("/port")) != in_a_child(lambda: ask("/port"))


def test_a_client_that_has_asked_shares_its_connection(ask: Ask) -> None:
    mine = ask("/port")
    assert in_a_child(lambda: ask("/port")) == in_a_child(lambda: ask("/port")) == mine


def test_the_answer_to_somebody_else(ask: Ask, partner: Partner) -> None:
    ask("/before-the-fork")
    killed = child(lambda: ask("/held"), os.open(os.devnull, os.O_WRONLY))
    assert partner.process.stdout.readline() == "held\n"
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    assert in_a_child(lambda: ask("/mine")) == "/held"


def test_a_lock_that_a_thread_holds_is_never_free_in_a_child() -> None:
    lock = threading.Lock()
    release = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        held = threading.Event()

        def work() -> None:
            with lock:
                held.set()
                release.wait(30)

        pool.submit(work)
        assert held.wait(30)
        assert in_a_child(lambda: lock.acquire(timeout=0.2)) == "False"
        release.set()


def test_each_child_draws_the_same_numbers() -> None:
    numbers = np.random.default_rng()
    drawn = {in_a_child(naive.coupon) for _ in range(3)}
    assert len(drawn) == 1
    assert in_a_child(numbers.random) == in_a_child(numbers.random)
    assert in_a_child(np.random.random) == in_a_child(np.random.random)


def test_what_draws_new_numbers_in_each_child() -> None:
    assert in_a_child(tasks.coupon) != in_a_child(tasks.coupon)
    assert in_a_child(random.random) != in_a_child(random.random)
    assert in_a_child(lambda: os.urandom(8)) != in_a_child(lambda: os.urandom(8))


def test_each_process_makes_its_own_client(
    partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "PARTNER_URL", partner.url)
    clients.partner.cache_clear()
    clients.partner_session.cache_clear()
    assert in_a_child(lambda: tasks.ask("port")) != in_a_child(lambda: tasks.ask("port"))
    with clients.partner() as client, clients.partner_session() as session:
        assert tasks.ask("port") == tasks.ask("port")
        assert clients.partner() is client
        assert client.timeout == httpx2.Timeout(10)
        assert clients.partner_session() is session
    clients.partner.cache_clear()
    clients.partner_session.cache_clear()


@pytest.mark.usefixtures("worker")
def test_coupons() -> None:
    codes = [tasks.coupon.delay().get(timeout=5, interval=0.01) for _ in range(2)]
    codes += [naive.coupon.delay().get(timeout=5, interval=0.01) for _ in range(2)]
    assert len(set(codes)) == 4
    assert {UUID(code).version for code in codes} == {4}

"""What a killed process takes with it. Real processes, so in one lane only."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from socket import create_server
from typing import Any

import httpx2
import pytest
from celery import Celery
from celery.exceptions import WorkerLostError

from conftest import Printer, wait_until

TESTS = Path(__file__).parent
QUEUE = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "queue"}


class Process:
    """A process of the shop, with its log."""

    def __init__(self, pid: int, log: Path) -> None:
        """Remember what it is."""
        self.pid = pid
        self.log = log

    def wait_for(self, text: str) -> None:
        """Wait until it says something."""
        wait_until(lambda: self.log.exists() and text in self.log.read_text())

    def runs(self) -> bool:
        """Tell whether it is there."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def end(self, sig: signal.Signals) -> None:
        """Send a signal, and wait for the end."""
        os.kill(self.pid, sig)
        wait_until(lambda: not self.runs())


class Shop:
    """All processes of the shop."""

    def __init__(self, folder: Path) -> None:
        """Open sockets for six servers; requests wait there until a server takes them."""
        (folder / "queue").mkdir()
        (folder / "results").mkdir()
        self.folder = folder
        self.printer = Printer(folder / "labels")
        self.worker: Process | None = None
        results = f"file://{folder}/results"
        self.celery_app = Celery(backend=results, set_as_current=False)
        self.sockets = [create_server(("127.0.0.1", 0)) for _ in range(6)]
        self.free_sockets = list(self.sockets)
        self.program = subprocess.Popen(
            [sys.executable, TESTS / "processes.py"],
            cwd=folder,
            env=os.environ
            | {
                "PYTHONPATH": str(TESTS.parent),
                "SHOP_LABEL_FOLDER": "labels",
                "SHOP_BROKER_URL": "filesystem://",
                "SHOP_BROKER_TRANSPORT_OPTIONS": json.dumps(QUEUE | {"polling_interval": 0.01}),
                "SHOP_RESULT_BACKEND": results,
            },
            pass_fds=[sock.fileno() for sock in self.sockets],
            start_new_session=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, name: str, kind: str, *numbers: int) -> Process:
        """Start a process."""
        assert self.program.stdin
        assert self.program.stdout
        print(name, kind, *numbers, file=self.program.stdin, flush=True)
        return Process(int(self.program.stdout.readline()), self.folder / f"{name}.log")

    def server(self, name: str, *timeout: int) -> tuple[Process, httpx2.Client]:
        """Start a web server, and a client of it."""
        sock = self.free_sockets.pop()
        client = httpx2.Client(base_url=f"http://127.0.0.1:{sock.getsockname()[1]}", timeout=30)
        return self.start(name, "web", sock.fileno(), *timeout), client

    def start_worker(self) -> Process:
        """Start a worker with one pool process, unless there is one."""
        if self.worker is None:
            self.worker = self.start("worker", "worker")
        return self.worker

    def state(self, task_id: str) -> dict[str, Any]:
        """Return what the result backend knows of a task."""
        with suppress(ValueError):  # the file is being written
            return self.celery_app.backend.get_task_meta(task_id)
        return {"status": "unknown"}

    def close(self) -> None:
        """End all."""
        os.killpg(self.program.pid, signal.SIGKILL)
        self.program.communicate()
        for sock in self.sockets:
            sock.close()


@pytest.fixture(scope="module")
def shop(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Start the program that starts the others."""
    if pytestconfig.getoption("--lane") != "eager":
        pytest.skip("the processes are the same in each lane")
    shop = Shop(tmp_path_factory.mktemp("shop"))
    assert shop.program.stdout
    assert shop.program.stdout.readline() == "ready\n"
    yield shop
    shop.close()


def test_sigterm_waits_for_background_tasks_only(shop: Shop) -> None:
    server, client = shop.server("sigterm")
    with client:
        assert client.post("/labels/1/create-task").status_code == 202
        assert client.post("/labels/2/background").status_code == 202
    shop.printer.wait_for(1)
    shop.printer.wait_for(2)
    os.kill(server.pid, signal.SIGTERM)
    server.wait_for("Waiting for background tasks to complete.")
    shop.printer.give_paper(2)
    wait_until(lambda: not server.runs())
    assert shop.printer.printed(2)
    shop.printer.give_paper(1)
    assert not shop.printer.printed(1)


def test_a_timeout_of_the_shutdown_ends_background_tasks(shop: Shop) -> None:
    server, client = shop.server("timeout", 0)
    with client:
        last = {"Connection": "close"}  # so does the server after an error
        assert client.post("/labels/0/background", headers=last).status_code == 202
        assert client.post("/labels/3/background").status_code == 202
    server.wait_for("ValueError: there is no order 0")
    shop.printer.wait_for(3)
    server.end(signal.SIGTERM)
    server.wait_for("Cancel 1 running task(s), timeout graceful shutdown exceeded")
    assert not shop.printer.printed(3)


def test_sigkill_of_the_server(shop: Shop) -> None:
    server, client = shop.server("sigkill")
    with client:
        assert client.post("/labels/4/background").status_code == 202
        task_id = client.post("/labels/5/celery").json()["task_id"]
    assert shop.printer.wait_for(4) == server.pid
    server.end(signal.SIGKILL)
    shop.printer.give_paper(4, 5)
    shop.start_worker()  # the message has waited for it
    shop.printer.wait_for_label(5)
    assert not shop.printer.printed(4)
    wait_until(lambda: shop.state(task_id)["status"] == "SUCCESS")


@pytest.fixture(scope="module")
def front(shop: Shop) -> Iterator[httpx2.Client]:
    """Start a web server that is not killed, and the worker."""
    shop.start_worker()
    _, client = shop.server("front")
    with client:
        yield client


def test_sigkill_of_a_pool_process(shop: Shop, front: httpx2.Client) -> None:
    once = front.post("/labels/6/celery").json()["task_id"]
    os.kill(shop.printer.wait_for(6), signal.SIGKILL)
    wait_until(lambda: shop.state(once)["status"] == "FAILURE")
    assert isinstance(shop.state(once)["result"], WorkerLostError)
    shop.printer.give_paper(6)

    again = front.post("/labels/7/celery-surely").json()["task_id"]
    os.kill(shop.printer.wait_for(7), signal.SIGKILL)
    shop.printer.give_paper(7)
    shop.printer.wait_for_label(7)
    assert len(set(shop.printer.begun(7))) == 2
    wait_until(lambda: shop.state(again)["status"] == "SUCCESS")
    assert not shop.printer.printed(6)


@pytest.mark.parametrize(("sig", "order"), [("SIGTERM", 8), ("SIGKILL", 9)])
def test_the_worker_goes_on(shop: Shop, sig: str, order: int) -> None:
    worker = shop.start_worker()
    server, client = shop.server(sig)
    with client:
        client.post(f"/labels/{order}/celery")
    shop.printer.wait_for(order)
    server.end(signal.Signals[sig])
    assert worker.runs()
    shop.printer.give_paper(order)
    shop.printer.wait_for_label(order)


def test_forty_tasks_wait_in_the_queue(shop: Shop, front: httpx2.Client) -> None:
    orders = range(100, 140)
    for order in orders:
        assert front.post(f"/labels/{order}/celery").status_code == 202
    shop.printer.wait_for(100)
    assert front.get("/stock").json() == 3
    assert [order for order in orders if shop.printer.begun(order)] == [100]
    shop.printer.give_paper(*orders)
    shop.printer.wait_for_label(139)
    assert all(map(shop.printer.printed, orders))


def test_sigterm_of_the_worker_waits(shop: Shop, front: httpx2.Client) -> None:
    worker = shop.start_worker()
    front.post("/labels/10/celery")
    shop.printer.wait_for(10)
    os.kill(worker.pid, signal.SIGTERM)
    worker.wait_for("Warm shutdown")
    shop.printer.give_paper(10)
    shop.printer.wait_for_label(10)

"""Workers that are killed in the middle of a task, and what comes out."""

import pytest
from bank import Bank
from celery.result import AsyncResult
from shop.celery_app import celery_app
from shop.database import add_order, unpaid
from shop.tasks import charge, charge_the_rest
from variants import VARIANTS, last
from worker import Worker


def test_the_worker_starts(worker: Worker) -> None:
    worker.wait_a_little(worker.is_ready)
    assert worker.process.poll() is None


def test_a_process_is_killed(worker: Worker, bank: Bank) -> None:
    add_order(1)
    task = charge.delay(1)
    worker.wait_until(lambda: bank.requests["order-1"] == 1)
    worker.kill_process_of(task)
    bank.open.set()
    worker.wait_until(lambda: worker.noted("ended", task) != [])
    assert unpaid() == []
    assert len(worker.noted("begins", task)) == 2
    assert bank.charged["order-1"] == 1


# Runs, charges, and whether the order is paid in the end.
AFTER_A_KILLED_PROCESS = {
    "default": (1, 1, False),
    "acks_late": (1, 1, False),
    "reject_on_worker_lost": (1, 1, False),
    "both": (2, 1, True),
    "retry_on_worker_lost": (2, 1, True),
}


def send_variants(first: int, worker: Worker, bank: Bank) -> dict[str, tuple[int, AsyncResult]]:
    """Send the task under each setting, and wait until all of them are in the middle."""
    sent = {}
    for order, (name, task) in enumerate(VARIANTS.items(), first):
        add_order(order)
        sent[name] = order, task.delay(order)
    worker.wait_until(lambda: all(bank.requests[f"order-{n}"] for n, _ in sent.values()))
    return sent


def count(
    sent: dict[str, tuple[int, AsyncResult]], worker: Worker, bank: Bank
) -> dict[str, tuple[int, int, bool]]:
    """Say for each setting how often it ran and charged, and whether that is noted."""
    return {
        name: (
            len(worker.noted("begins", task)),
            bank.charged[f"order-{order}"],
            order not in unpaid(),
        )
        for name, (order, task) in sent.items()
    }


def test_settings(worker: Worker, bank: Bank) -> None:
    sent = send_variants(11, worker, bank)
    for _, task in sent.values():
        worker.kill_process_of(task)
    bank.open.set()
    tasks = [task for _, task in sent.values()]
    worker.wait_until(lambda: all(worker.noted("ended", task) for task in tasks))
    assert count(sent, worker, bank) == AFTER_A_KILLED_PROCESS


# With a folder, a message is gone when a worker has read it. Redis keeps what is not acknowledged.
AFTER_A_KILLED_WORKER = {
    "filesystem": dict.fromkeys(VARIANTS, (1, 1, False)),
    "redis": dict.fromkeys(VARIANTS, (1, 1, False))
    | dict.fromkeys(["acks_late", "both"], (2, 1, True)),
}


@pytest.fixture(scope="module")
def killed(running_worker: Worker, bank: Bank) -> dict[str, tuple[int, AsyncResult]]:
    """Kill a whole worker in the middle of its tasks, and start another one."""
    bank.open.clear()
    sent = send_variants(21, running_worker, bank)
    running_worker.kill()
    bank.open.set()
    running_worker.start()
    return sent


def test_another_worker_starts(
    killed: dict[str, tuple[int, AsyncResult]], running_worker: Worker
) -> None:
    running_worker.wait_a_little(running_worker.is_ready)
    assert running_worker.process.poll() is None


def test_the_worker_is_killed(
    killed: dict[str, tuple[int, AsyncResult]], worker: Worker, bank: Bank
) -> None:
    worker.wait_until(worker.is_ready)
    bank.open.set()
    end = last.delay()
    expected = AFTER_A_KILLED_WORKER[celery_app.connection().transport.driver_name]
    paid = {killed[name][0] for name, (_, _, is_paid) in expected.items() if is_paid}
    worker.wait_until(lambda: worker.noted("begins", end) != [] and paid.isdisjoint(unpaid()))
    assert count(killed, worker, bank) == expected


def test_the_sweep_finds_what_is_lost(worker: Worker, bank: Bank) -> None:
    bank.open.set()
    add_order(31)  # and nothing is sent, as when the web server dies
    charge_the_rest.delay()
    worker.wait_until(lambda: unpaid() == [])
    assert set(bank.charged.values()) == {1}


def test_the_worker_is_stopped(worker: Worker, bank: Bank) -> None:
    add_order(41)
    task = VARIANTS["default"].delay(41)
    worker.wait_until(lambda: bank.requests["order-41"] == 1)
    worker.stop()
    worker.wait_until(lambda: "Warm shutdown" in worker.log.read_text())
    bank.open.set()
    worker.wait_until(lambda: 41 not in unpaid())
    assert len(worker.noted("begins", task)) == 1


def test_a_soft_stop(request: pytest.FixtureRequest, running_worker: Worker, bank: Bank) -> None:
    if not request.config.getoption("--redis"):
        pytest.skip("with a folder, the worker takes seven seconds to end")
    worker = running_worker
    worker.kill()
    worker.start(REMAP_SIGTERM="SIGQUIT", SHOP_SOFT_SHUTDOWN="0.2")
    bank.open.clear()
    sent = send_variants(51, worker, bank)
    worker.stop()
    worker.process.wait()
    bank.open.set()
    worker.start()
    given_back = {sent[name][0] for name in ("acks_late", "both")}
    worker.wait_until(lambda: given_back.isdisjoint(unpaid()))
    assert count(sent, worker, bank) == AFTER_A_KILLED_WORKER["redis"]

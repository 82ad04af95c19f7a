"""The tasks, and the programs that send them and count."""

import os
import runpy
import signal
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import celeryconfig
import count
import pytest
import send
import shop
import sweep

from conftest import Broker, run


def wait_for_receipts(number: int) -> None:
    deadline = monotonic() + 30
    while len(shop.MAIL.read_text().split()) < number or number_open() > 0:
        assert monotonic() < deadline
        sleep(0.01)


def number_open() -> int:
    with shop.database() as db:
        return db.execute("SELECT count(*) FROM orders WHERE NOT sent").fetchone()[0]


class Worker:
    """A worker that does not answer at first, then holds a task, and then none."""

    def __init__(self) -> None:
        """Begin without an answer."""
        self.answers: list[dict[str, list[str]] | None] = [None, {"w": ["a task"]}, {"w": []}]

    def active(self) -> dict[str, list[str]] | None:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def reserved(self) -> dict[str, list[str]]:
        return {"w": []}

    scheduled = reserved


def test_a_round(
    worker: None,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(monkeypatch, "send.py", "3", "0")
    assert broker.deleted == {"celery", "unacked", "unacked_index"}
    wait_for_receipts(3)
    assert sorted(shop.MAIL.read_text().split()) == ["1", "2", "3"]

    broker.queue = [1, 0]
    answering = Worker()
    monkeypatch.setattr(shop.app.control, "inspect", lambda **_: answering)
    run(monkeypatch, "count.py")
    assert capsys.readouterr().out == (
        "orders: 3; no receipt: none; more than one: none\n"
        "Redis has 0 in the queue and 0 in unacked\n"
    )


def test_a_new_round_forgets_the_last(worker: None) -> None:
    for _ in range(2):
        send.open_anew()
        send.take_order(0)
        wait_for_receipts(1)
    assert shop.MAIL.read_text() == "1\n"


def test_the_report_names_what_is_wrong(worker: None, broker: Broker) -> None:
    send.open_anew()
    with shop.database() as db:
        db.executemany("INSERT INTO orders (id) VALUES (?)", [(1,), (2,), (3,)])
    shop.MAIL.write_text("2\n2\n")
    broker.queue, broker.unacked = [4], 5
    assert count.report() == (
        "orders: 3; no receipt: 1, 3; more than one: 2\nRedis has 4 in the queue and 5 in unacked"
    )


def test_a_receipt_that_is_sent_is_not_sent_again(worker: None) -> None:
    send.open_anew()
    send.take_order(0)
    wait_for_receipts(1)
    shop.send_receipt(1, 0)
    assert shop.MAIL.read_text() == "1\n"


def test_a_receipt_takes_two_seconds(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    naps: list[float] = []
    send.open_anew()
    with shop.database() as db:
        db.execute("INSERT INTO orders DEFAULT VALUES")
    monkeypatch.setattr(shop, "sleep", naps.append)
    shop.send_receipt(1)
    assert naps == [2]


def test_the_sweep_sends_what_is_open(worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "sleep", lambda _: None)
    send.open_anew()
    with shop.database() as db:
        db.execute("INSERT INTO orders (id, sent) VALUES (1, 1), (2, 0), (3, 0)")
    run(monkeypatch, "sweep.py")
    wait_for_receipts(2)
    assert sorted(shop.MAIL.read_text().split()) == ["2", "3"]
    sweep.sweep()
    assert len(shop.MAIL.read_text().split()) == 2


def test_a_failed_transaction_leaves_nothing(worker: None) -> None:
    send.open_anew()

    def fail() -> None:
        with shop.database() as db:
            db.execute("INSERT INTO orders DEFAULT VALUES")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert number_open() == 0


def test_the_catalog_kills_its_process(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    kill = SimpleNamespace(kill=lambda *call: killed.append(call), getpid=os.getpid)
    monkeypatch.setattr(shop, "os", kill)
    shop.print_catalog()
    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VISIBILITY_TIMEOUT", "15")
    monkeypatch.setenv("CELERY_BROKER_URL", "redis://not-this-one")
    path = str(Path(celeryconfig.__file__))
    settings = runpy.run_path(path)
    assert settings["broker_url"] == f"redis+socket://{tmp_path}/redis.sock"
    assert settings["broker_transport_options"]["visibility_timeout"] == 15
    monkeypatch.delenv("VISIBILITY_TIMEOUT")
    assert runpy.run_path(path)["broker_transport_options"] == {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
    names = ("task_acks_late", "task_reject_on_worker_lost", "task_retry_on_worker_lost")
    assert all(settings[name] is True for name in (*names, "task_ignore_result"))
    assert settings["worker_soft_shutdown_timeout"] == 1
    runpy.run_path(str(Path(shop.__file__)))
    assert "CELERY_BROKER_URL" not in os.environ
    assert shop.send_receipt.default_retry_delay == 1
    assert shop.print_catalog.default_retry_delay == 1

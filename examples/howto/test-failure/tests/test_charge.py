"""The body of the task, without a worker."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from bank import Bank
from requests import ConnectionError as NoAnswerError
from shop.database import add_order, unpaid
from shop.tasks import charge, charge_the_rest
from variants import last


@pytest.fixture(autouse=True)
def _open(bank: Bank) -> Iterator[None]:
    """Let the bank answer at once."""
    bank.open.set()
    yield
    bank.open.clear()


def test_a_second_run_changes_nothing(bank: Bank) -> None:
    add_order(101)
    charge(101)
    charge(101)
    assert unpaid() == []
    assert bank.requests["order-101"] == 1


def test_an_order_that_is_charged_but_not_noted(bank: Bank) -> None:
    add_order(102)
    bank.charge("order-102")
    charge(102)
    assert unpaid() == []
    assert bank.charged["order-102"] == 1


def test_no_bank(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    add_order(103)
    with monkeypatch.context() as patch:
        patch.setenv("SHOP_BANK_URL", "http://127.0.0.1:1/")
        with pytest.raises(NoAnswerError):
            charge(103)
    assert unpaid() == [103]
    charge(103)


def test_a_sweep(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    monkeypatch.setattr(charge, "delay", sent.append)
    add_order(104)
    charge_the_rest()
    assert sent == [104]
    charge(104)


def test_what_the_worker_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_RUNS", str(tmp_path / "runs"))
    task = last.apply()
    notes = [line.split() for line in (tmp_path / "runs").read_text().splitlines()]
    assert notes == [[task.id, what, str(os.getpid())] for what in ("begins", "ended")]

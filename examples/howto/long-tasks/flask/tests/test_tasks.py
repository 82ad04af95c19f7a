"""Long work in pieces."""

import time
from unittest.mock import Mock

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from flask import Flask
from shop import packing, tasks
from shop.models import PriceRise, Product, db


def command(app: Flask, *words: str) -> str:
    """Run a command of the shop, and return what it says."""
    return app.test_cli_runner().invoke(args=words, catch_exceptions=False).output


def wait_for(app: Flask, prices: str) -> None:
    """Wait until the products have these prices."""
    deadline = time.monotonic() + 5
    while command(app, "prices") != prices:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.usefixtures("worker")
def test_all_pieces(app: Flask) -> None:
    assert command(app, "raise-prices", "100") == "Price rise 1 has begun.\n"
    wait_for(app, "250 cost 1100\n")


def test_a_piece_that_comes_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Mock()
    monkeypatch.setattr(tasks.raise_prices, "delay", send)
    with app.app_context():
        db.session.add(PriceRise(id=1, cents=100))
        db.session.commit()
    assert [tasks.raise_prices(1, 0) for _ in range(2)] == ["up to 100", "was there"]
    send.assert_called_once_with(1, 100)
    assert command(app, "prices") == "150 cost 1000\n100 cost 1100\n"
    assert [tasks.raise_prices(1, 100), tasks.raise_prices(1, 200)] == ["up to 200", "up to 250"]
    assert tasks.raise_prices(1, 250) == "finished"
    with app.app_context():
        assert db.session.get_one(Product, 250).price_cents == 1100


@pytest.mark.usefixtures("worker")
def test_packing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "SECONDS", 0)
    for task in (packing.pack, packing.pack_late, packing.pack_quickly):
        assert task.delay().get(timeout=5, interval=0.01) == "packed"


def test_a_soft_time_limit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shop.packing.time", Mock(sleep=Mock(side_effect=SoftTimeLimitExceeded)))
    assert packing.pack_quickly() == "not ready"

"""Long work in pieces."""

import runpy
import time
from unittest.mock import Mock

import pytest
from shop import tasks
from shop.database import new_session
from shop.models import Base, Product
from sqlalchemy import Engine, func, select


def raised() -> int:
    """Return how many products have the new price."""
    with new_session() as session:
        count = select(func.count()).select_from(Product).where(Product.price_cents == 1100)
        return session.scalars(count).one()


@pytest.mark.usefixtures("worker")
def test_all_pieces() -> None:
    tasks.raise_prices.delay(1, 0)
    deadline = time.monotonic() + 5
    while raised() < 250:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_piece_that_comes_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    send = Mock()
    monkeypatch.setattr(tasks.raise_prices, "delay", send)
    assert [tasks.raise_prices(1, 0) for _ in range(2)] == ["up to 100", "was there"]
    send.assert_called_once_with(1, 100)
    assert raised() == 100
    assert [tasks.raise_prices(1, 100), tasks.raise_prices(1, 200)] == ["up to 200", "up to 250"]
    assert tasks.raise_prices(1, 250) == "finished"
    assert raised() == 250


def test_the_tables_are_created(monkeypatch: pytest.MonkeyPatch, database: Engine) -> None:
    Base.metadata.drop_all(database)
    monkeypatch.setattr("shop.database.engine", database)
    runpy.run_module("shop.create_tables", run_name="__main__")
    assert raised() == 0

"""Long work in pieces."""

import time
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from shop import tasks
from shop.models import PriceRise, Product


def raised() -> int:
    """Return how many products have the new price."""
    return Product.objects.filter(price_cents=1100).count()


@pytest.mark.usefixtures("worker")
def test_all_pieces(rise: PriceRise) -> None:
    assert str(rise) == f"price rise {rise.pk}"
    tasks.raise_prices.delay(rise.pk, rise.position)
    deadline = time.monotonic() + 5
    while raised() < 250:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_piece_that_comes_twice(rise: PriceRise, monkeypatch: pytest.MonkeyPatch) -> None:
    send = Mock()
    monkeypatch.setattr(tasks.raise_prices, "delay", send)
    start = rise.position
    for said in (f"up to {start + 100}", "was there"):
        assert tasks.raise_prices(rise.pk, start) == said
    send.assert_called_once_with(rise.pk, start + 100)
    assert raised() == 100
    tasks.raise_prices(rise.pk, start + 100)
    assert tasks.raise_prices(rise.pk, start + 200) == f"up to {start + 250}"
    assert tasks.raise_prices(rise.pk, start + 250) == "finished"
    assert raised() == 250


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run")

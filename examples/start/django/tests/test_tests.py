"""The tests of the shop find what is wrong."""

from types import SimpleNamespace

import pytest
import test_shop
from django.test import Client
from shop import mail
from shop.tasks import send_receipt


def refuse(email: str) -> None:
    """Refuse every address."""
    raise ValueError(email)


def test_they_see_a_receipt_that_is_not_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "send", refuse)
    with pytest.raises(AssertionError):
        test_shop.test_the_receipt_is_sent(client)


def test_they_see_a_failure_that_is_not_noted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "send", lambda _: None)
    with pytest.raises(AssertionError):
        test_shop.test_a_failed_receipt_is_no_server_error(client)


def test_they_do_not_wait_for_ever(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_receipt, "delay_on_commit", lambda _: None)
    seconds = iter([0, 4.9, 5.1])
    clock = SimpleNamespace(monotonic=lambda: next(seconds), sleep=lambda _: None)
    monkeypatch.setattr(test_shop, "time", clock)
    with pytest.raises(AssertionError, match="nobody has sent the receipt"):
        test_shop.receipt_of(client, "ada@example.com")

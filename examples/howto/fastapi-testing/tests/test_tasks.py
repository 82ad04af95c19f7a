"""The tasks themselves."""

import pytest
from shop import mail
from shop.celery_app import celery_app
from shop.database import new_session
from shop.models import Order
from shop.tasks import count_orders, send_receipt
from sqlalchemy.exc import NoResultFound


def test_send_receipt_once(order_id: int, mails: list[tuple[str, str, str]]) -> None:
    send_receipt(order_id)
    send_receipt(order_id)
    assert mails == [("shop@example.org", "ada@example.org", f"receipt of order {order_id}")]
    with new_session() as session:
        assert session.get_one(Order, order_id).receipt_sent


def test_an_order_that_is_gone(order_id: int) -> None:
    with pytest.raises(NoResultFound):
        send_receipt(order_id + 1)


class MailServer:
    """A mail server that is away for a number of mails."""

    def __init__(self, away: int) -> None:
        """Go away."""
        self.away = away
        self.calls = 0

    def send(self, *_: str) -> None:
        """Refuse a mail, or take it."""
        self.calls += 1
        if self.calls <= self.away:
            message = "away"
            raise OSError(message)


@pytest.mark.parametrize(("away", "state", "calls"), [(2, "SUCCESS", 3), (9, "FAILURE", 4)])
def test_the_receipt_is_tried_again(
    order_id: int, monkeypatch: pytest.MonkeyPatch, away: int, state: str, calls: int
) -> None:
    server = MailServer(away)
    monkeypatch.setattr(mail, "send", server.send)
    monkeypatch.setitem(celery_app.conf, "task_eager_propagates", False)
    result = send_receipt.apply((order_id,))
    assert (result.state, server.calls) == (state, calls)


def test_a_call_is_not_tried_again(order_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    server = MailServer(away=9)
    monkeypatch.setattr(mail, "send", server.send)
    with pytest.raises(OSError, match="away"):
        send_receipt(order_id)
    assert server.calls == 1


def test_count_orders(order_id: int, mails: list[tuple[str, str, str]]) -> None:
    assert count_orders() == (1, 0)
    send_receipt(order_id)
    assert count_orders() == (1, 1)

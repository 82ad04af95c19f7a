"""What is sent, and when."""

import logging
from collections.abc import Iterator
from uuid import UUID

import pytest
from kombu.exceptions import OperationalError
from shop.after_commit import send_after_commit, waiting_in
from shop.models import Order, db
from shop.orders import place_order
from shop.tasks import send_receipt
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

pytestmark = pytest.mark.usefixtures("context")
Sent = list[tuple[int, str]]


def test_a_commit_sends_once(sent: Sent) -> None:
    task_id = place_order("ada@example.com")
    assert sent == []
    db.session.commit()
    assert sent == [(1, task_id)]
    assert str(UUID(task_id)) == task_id
    db.session.commit()
    assert sent == [(1, task_id)]


def test_the_order_is_kept(sent: Sent) -> None:
    ids = [place_order(email) for email in ("ada@example.com", "bob@example.com")]
    db.session.commit()
    assert sent == [(1, ids[0]), (2, ids[1])]


def test_a_rollback_drops(sent: Sent) -> None:
    place_order("ada@example.com")
    db.session.rollback()
    db.session.commit()
    assert sent == []


def test_a_savepoint_waits_for_the_commit(sent: Sent) -> None:
    with db.session.begin_nested():
        inner = place_order("ada@example.com")
    assert sent == []
    db.session.commit()
    assert sent == [(1, inner)]


def test_a_rollback_to_a_savepoint_drops_only_what_came_after_it(sent: Sent) -> None:
    outer = place_order("ada@example.com")
    savepoint = db.session.begin_nested()
    with db.session.begin_nested():
        place_order("bob@example.com")
    place_order("eve@example.com")
    savepoint.rollback()
    db.session.commit()
    assert sent == [(1, outer)]


def test_a_commit_ends_the_savepoints_that_are_open(sent: Sent) -> None:
    db.session.begin_nested()
    outer = place_order("ada@example.com")
    db.session.begin_nested()
    inner = place_order("bob@example.com")
    db.session.commit()
    assert sent == [(1, outer), (2, inner)]


@pytest.fixture
def receipt_for_each_order() -> Iterator[None]:
    """Have a receipt sent for each order that a flush writes."""

    def send(_mapper: object, _connection: object, order: Order) -> None:
        send_after_commit(send_receipt.s(order.id))

    event.listen(Order, "after_insert", send)
    yield
    event.remove(Order, "after_insert", send)


@pytest.mark.usefixtures("receipt_for_each_order")
def test_an_event_handler_may_call_it(sent: Sent) -> None:
    with db.session.begin_nested():
        db.session.add(Order(email="ada@example.com"))
    savepoint = db.session.begin_nested()
    db.session.add(Order(email="bob@example.com"))
    db.session.flush()
    savepoint.rollback()
    db.session.add(Order(email="eve@example.com"))
    assert sent == []
    db.session.commit()
    assert [order_id for order_id, _ in sent] == [1, 2]
    assert db.session.get(Order, 2).email == "eve@example.com"


def test_a_rollback_drops_the_tasks_of_its_savepoints(sent: Sent) -> None:
    with db.session.begin_nested():
        place_order("ada@example.com")
    db.session.rollback()
    db.session.commit()
    assert sent == []


def test_a_commit_that_fails_sends_nothing(sent: Sent) -> None:
    place_order("ada@example.com")
    db.session.add(Order(email="ada@example.com"))
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
    db.session.commit()
    assert sent == []


def test_a_session_that_is_closed_sends_nothing(sent: Sent) -> None:
    place_order("ada@example.com")
    db.session.close()
    db.session.commit()
    assert sent == []


def test_a_call_outside_a_transaction_waits_for_the_next_commit(sent: Sent) -> None:
    signature = send_receipt.s(7)
    first, second = send_after_commit(signature), send_after_commit(signature)
    assert sent == []
    db.session.commit()
    assert sent == [(7, first), (7, second)]
    assert first != second
    assert signature == send_receipt.s(7)


def test_a_broker_that_is_down_is_no_failed_commit(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def refuse(args: tuple[int], *_: object, **__: object) -> None:
        tried.append(args[0])
        raise OperationalError

    monkeypatch.setattr(send_receipt, "apply_async", refuse)
    place_order("ada@example.com")
    place_order("bob@example.com")
    with caplog.at_level(logging.ERROR):
        db.session.commit()
    assert tried == [1, 2]
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"shop.tasks.send_receipt({n}) is not sent" for n in tried]
    assert all(record.exc_info[0] is OperationalError for record in caplog.records)
    assert db.session.get(Order, 1).email == "ada@example.com"


def test_nothing_is_left_in_the_session(sent: Sent) -> None:
    with db.session.begin_nested():
        place_order("ada@example.com")
    db.session.commit()
    assert len(sent) == 1
    assert waiting_in(db.session()) == {}

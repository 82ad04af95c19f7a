"""What is sent, and when."""

import logging
from collections.abc import Callable, Iterator
from queue import Queue
from uuid import UUID

import pytest
from celery.signals import task_postrun
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from mistakes import app as wrong_app
from shop import risks
from shop.after_commit import send_after_commit, waiting_in
from shop.database import new_session
from shop.models import Order
from shop.orders import place_order
from shop.tasks import send_receipt
from sqlalchemy import Engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

Outcomes = Queue[tuple[str, str]]
Sent = list[tuple[int, str]]


@pytest.fixture
def session() -> Iterator[Session]:
    """Open a session, as a request does."""
    with new_session() as session:
        yield session


def test_a_commit_sends_once(session: Session, sent: Sent) -> None:
    task_id = place_order(session, "ada@example.org")
    assert sent == []
    session.commit()
    assert sent == [(1, task_id)]
    session.commit()
    assert sent == [(1, task_id)]
    assert str(UUID(task_id)) == task_id


def test_a_rollback_sends_nothing(session: Session, sent: Sent) -> None:
    place_order(session, "ada@example.org")
    session.rollback()
    session.commit()
    assert sent == []


def test_begin_sends_at_its_end(sent: Sent) -> None:
    with new_session.begin() as session:
        ids = [place_order(session, email) for email in ("ada@example.org", "bob@example.org")]
        assert sent == []
    assert sent == [(1, ids[0]), (2, ids[1])]


def test_a_savepoint_waits_for_the_commit(session: Session, sent: Sent) -> None:
    with session.begin_nested():
        inner = place_order(session, "ada@example.org")
    assert sent == []
    session.commit()
    assert sent == [(1, inner)]


def test_a_rollback_to_a_savepoint_drops_only_what_came_after_it(
    session: Session, sent: Sent
) -> None:
    outer = place_order(session, "ada@example.org")
    savepoint = session.begin_nested()
    with session.begin_nested():
        place_order(session, "bob@example.org")
    place_order(session, "eve@example.org")
    savepoint.rollback()
    session.commit()
    assert sent == [(1, outer)]


def test_a_commit_ends_the_savepoints_that_are_open(session: Session, sent: Sent) -> None:
    session.begin_nested()
    outer = place_order(session, "ada@example.org")
    session.begin_nested()
    inner = place_order(session, "bob@example.org")
    session.commit()
    assert sent == [(1, outer), (2, inner)]


def test_an_event_handler_may_call_it(session: Session, sent: Sent) -> None:
    def send(_mapper: object, _connection: object, order: Order) -> None:
        send_after_commit(session, send_receipt.s(order.id))

    event.listen(Order, "after_insert", send)
    with session.begin_nested():
        session.add(Order(email="ada@example.org"))
    savepoint = session.begin_nested()
    session.add(Order(email="bob@example.org"))
    session.flush()
    savepoint.rollback()
    assert sent == []
    session.commit()
    event.remove(Order, "after_insert", send)
    assert [order_id for order_id, _ in sent] == [1]


def test_a_rollback_drops_the_tasks_of_its_savepoints(session: Session, sent: Sent) -> None:
    with session.begin_nested():
        place_order(session, "ada@example.org")
    session.rollback()
    session.commit()
    assert sent == []


def test_a_commit_that_fails_sends_nothing(session: Session, sent: Sent) -> None:
    place_order(session, "ada@example.org")
    session.add(Order(email="ada@example.org"))
    with pytest.raises(IntegrityError):
        session.commit()
    session.rollback()
    session.commit()
    assert sent == []


def test_a_session_that_is_closed_sends_nothing(session: Session, sent: Sent) -> None:
    place_order(session, "ada@example.org")
    session.close()
    session.commit()
    assert sent == []


def test_a_call_outside_a_transaction_waits_for_the_next_commit(
    session: Session, sent: Sent
) -> None:
    signature = send_receipt.s(7)
    first, second = (send_after_commit(session, signature) for _ in range(2))
    assert sent == []
    session.commit()
    assert sent == [(7, first), (7, second)]
    assert first != second
    assert signature == send_receipt.s(7)


def test_a_rollback_drops_a_call_outside_a_transaction(session: Session, sent: Sent) -> None:
    send_after_commit(session, send_receipt.s(7))
    session.rollback()
    session.commit()
    assert sent == []


def test_a_broker_that_is_down_is_no_failed_commit(
    session: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried = []

    def refuse(args: tuple[int], *_: object, **__: object) -> None:
        tried.append(args[0])
        raise OperationalError

    monkeypatch.setattr(send_receipt, "apply_async", refuse)
    place_order(session, "ada@example.org")
    place_order(session, "bob@example.org")
    with caplog.at_level(logging.ERROR):
        session.commit()
    assert tried == [1, 2]
    messages = [record.getMessage() for record in caplog.records]
    assert messages == [f"shop.tasks.send_receipt({n}) is not sent" for n in tried]
    assert all(record.exc_info[0] is OperationalError for record in caplog.records)
    assert session.get(Order, 1).email == "ada@example.org"


def test_nothing_is_left_in_the_session(session: Session, sent: Sent) -> None:
    with session.begin_nested():
        place_order(session, "ada@example.org")
    session.commit()
    place_order(session, "bob@example.org")
    session.rollback()
    assert len(sent) == 1
    assert waiting_in(session) == {}


def test_other_sessions_are_not_heard(database: Engine, sent: Sent) -> None:
    with Session(database) as session:
        place_order(session, "ada@example.org")
        session.commit()
        assert sent == []
        assert [transaction is None for transaction in waiting_in(session)] == [False]


def test_a_group(client: TestClient, outcome: Callable[[str], object]) -> None:
    group = [{"email": "ada@example.org"}, {"email": "bob@example.org"}]
    answer = client.post("/group-orders", json=group)
    assert answer.status_code == 201
    assert [outcome(task_id) for task_id in answer.json()] == [
        "sent to ada@example.org",
        "sent to bob@example.org",
    ]


@pytest.mark.usefixtures("order_id")
def test_a_group_with_a_customer_who_has_an_order(client: TestClient, sent: Sent) -> None:
    group = [{"email": "bob@example.org"}, {"email": "ada@example.org"}]
    assert client.post("/group-orders", json=group).status_code == 409
    assert sent == []


@pytest.fixture
def rows_seen(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note, in the place of sending a task, whether another session sees the row."""
    seen: list[bool] = []

    def look(order_id: int) -> None:
        with new_session() as session:
            seen.append(session.get(Order, order_id) is not None)

    monkeypatch.setattr(send_receipt, "delay", look)
    return seen


def test_an_order_is_saved_before_its_receipt_is_sent(
    client: TestClient, rows_seen: list[bool]
) -> None:
    answer = client.post("/orders", json={"email": "bob@example.org"})
    assert answer.json() == {"id": 1, "email": "bob@example.org"}
    assert rows_seen == [True]


def test_background_tasks_run_before_the_commit(rows_seen: list[bool]) -> None:
    TestClient(wrong_app).post("/background-late?email=ada@example.org")
    assert rows_seen == [False]


def test_in_function_scope_they_run_after_it(rows_seen: list[bool]) -> None:
    TestClient(wrong_app).post("/background-soon?email=ada@example.org")
    assert rows_seen == [True]


@pytest.mark.parametrize("path", ["/background-late", "/background-soon"])
def test_the_client_does_not_hear_of_a_background_task_that_fails(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_receipt, "delay", lambda _: 1 / 0)
    client = TestClient(wrong_app, raise_server_exceptions=False)
    assert client.post(f"{path}?email=ada@example.org").status_code == 200


@pytest.fixture
def outcomes() -> Iterator[Outcomes]:
    """Collect the state and the result of every task that ends."""
    queue: Outcomes = Queue()

    def note(state: str, retval: object, **_: object) -> None:
        queue.put((state, str(retval)))

    task_postrun.connect(note)
    yield queue
    task_postrun.disconnect(note)


def test_a_task_that_is_sent_too_early_does_not_find_the_row(
    worker: None, outcomes: Outcomes, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(risks, "ask", lambda _: seen.append(outcomes.get(timeout=5)))
    answer = TestClient(wrong_app).post("/too-early?email=ada@example.org")
    assert answer.status_code == 201
    assert seen == [("FAILURE", "No row was found when one was required")]


def test_a_task_that_is_sent_too_early_survives_a_rollback(
    sent_too_early: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risks, "ask", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        TestClient(wrong_app).post("/too-early?email=ada@example.org")
    assert sent_too_early == [1]
    with new_session() as session:
        assert session.get(Order, 1) is None


def test_an_order_is_rated_after_its_task_is_sent(sent_too_early: list[int]) -> None:
    TestClient(wrong_app).post("/too-early?email=ada@example.org")
    assert sent_too_early == [1]
    with new_session() as session:
        assert session.get_one(Order, 1).risk == 15


@pytest.fixture
def sent_too_early(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the ids of orders in the place of sending a task."""
    ids: list[int] = []
    monkeypatch.setattr(send_receipt, "delay", ids.append)
    return ids

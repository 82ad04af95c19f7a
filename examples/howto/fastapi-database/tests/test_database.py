"""Sessions of requests and of tasks."""

from typing import get_args

import pytest
from fastapi.testclient import TestClient
from mistakes import app as wrong_app
from shop import risks
from shop.database import new_session
from shop.dependencies import SessionDep
from shop.models import Order
from shop.tasks import correct_address, rate_order, send_receipt
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm.exc import DetachedInstanceError


def number_of_orders() -> int:
    """Count the rows."""
    with new_session() as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def test_a_client_hears_of_success_before_the_commit_fails() -> None:
    client = TestClient(wrong_app, raise_server_exceptions=False)
    assert client.post("/late?email=ada@example.org").status_code == 201
    assert client.post("/late?email=ada@example.org").status_code == 201
    assert number_of_orders() == 1


def test_function_scope_commits_before_the_answer() -> None:
    client = TestClient(wrong_app, raise_server_exceptions=False)
    assert client.post("/soon?email=ada@example.org").status_code == 201
    assert client.post("/soon?email=ada@example.org").status_code == 500
    assert number_of_orders() == 1


def test_an_order(client: TestClient, sent: list[tuple[int, str]], database: Engine) -> None:
    answer = client.post("/orders", json={"email": "ada@example.org"})
    assert answer.status_code == 201
    assert answer.json() == {"id": 1, "email": "ada@example.org"}
    again = client.post("/orders", json={"email": "ada@example.org"})
    assert again.status_code == 409
    assert again.json() == {"detail": "this address has an order"}
    assert database.pool.checkedout() == 0
    assert sent == [(1, "")]


def test_the_session_of_the_shop_is_closed_before_the_answer() -> None:
    assert get_args(SessionDep)[1].scope == "function"


def test_a_task_reads(worker: None, order_id: int, database: Engine) -> None:
    result = send_receipt.delay(order_id)
    assert result.get(timeout=5, interval=0.01) == "sent to ada@example.org"
    with pytest.raises(NoResultFound, match="No row was found when one was required"):
        send_receipt.delay(2).get(timeout=5, interval=0.01)
    assert database.pool.checkedout() == 0


def test_a_task_writes_all_or_nothing(worker: None, order_id: int, database: Engine) -> None:
    correct_address.delay(order_id, "ada@example.com").get(timeout=5, interval=0.01)
    with new_session.begin() as session:
        assert session.get_one(Order, order_id).email == "ada@example.com"
        session.add(Order(id=2, email="bob@example.com"))
    with pytest.raises(IntegrityError):
        correct_address(order_id, "bob@example.com")
    assert database.pool.checkedout() == 0


def test_no_transaction_is_open_during_the_slow_work(
    order_id: int, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []

    def ask(email: str) -> int:
        taken.append(database.pool.checkedout())
        correct_address(order_id, "eve@example.org")
        return len(email)

    monkeypatch.setattr(risks, "ask", ask)
    assert rate_order(order_id) == 15
    assert taken == [0]
    with new_session() as session:
        order = session.get_one(Order, order_id)
        assert (order.email, order.risk) == ("eve@example.org", 15)


def test_other_orders_are_left_alone(worker: None, order_id: int) -> None:
    with new_session.begin() as session:
        session.add(Order(id=2, email="bob@example.com"))
    assert send_receipt.delay(2).get(timeout=5, interval=0.01) == "sent to bob@example.com"
    correct_address.delay(2, "bo@example.com").get(timeout=5, interval=0.01)
    assert rate_order.delay(2).get(timeout=5, interval=0.01) == 14
    with new_session() as session:
        rows = session.execute(select(Order.id, Order.email, Order.risk).order_by(Order.id)).all()
    assert rows == [(order_id, "ada@example.org", None), (2, "bo@example.com", 14)]


def test_an_order_is_rated_once(
    worker: None, order_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rate_order.delay(order_id).get(timeout=5, interval=0.01) == 15
    monkeypatch.setattr(risks, "ask", lambda _: 99)
    rate_order(order_id)
    with new_session() as session:
        assert session.get_one(Order, order_id).risk == 15


def test_an_order_that_is_gone(worker: None) -> None:
    for message in (rate_order.s(3), correct_address.s(3, "ada@example.org")):
        with pytest.raises(NoResultFound):
            message.delay().get(timeout=5, interval=0.01)


def test_the_service_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.undo()
    monkeypatch.setattr("time.sleep", slept.append)
    assert risks.ask("ada") == 3
    assert slept == [1]


def test_an_object_outlives_its_request_in_the_database_only() -> None:
    with pytest.raises(DetachedInstanceError, match="is not bound to a Session"):
        TestClient(wrong_app).post("/background-order?email=ada@example.org")
    assert number_of_orders() == 1

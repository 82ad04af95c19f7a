"""What is sent, and when."""

from queue import SimpleQueue

import pytest
from fastapi.testclient import TestClient
from shop import too_early
from shop.database import new_session
from shop.models import Order
from shop.orders import place_order
from sqlalchemy.exc import IntegrityError

Sent = list[tuple[int, bool]]


def test_sent_after_the_commit(client: TestClient, sent: Sent) -> None:
    client.post("/orders", params={"email": "ada@example.org"})
    assert sent == [(1, True)]


def test_a_mistake_is_found(sent: Sent) -> None:
    TestClient(too_early.app).post("/orders", params={"email": "ada@example.org"})
    assert sent == [(1, False)]


def test_a_refused_order_sends_nothing(client: TestClient, sent: Sent) -> None:
    with new_session.begin() as session:
        session.add(Order(email="ada@example.org"))
    with pytest.raises(IntegrityError):
        client.post("/orders", params={"email": "ada@example.org"})
    assert sent == []


def test_sent_by_the_commit_of_the_caller(sent: Sent) -> None:
    with new_session() as session:
        place_order(session, "ada@example.org")
        assert sent == []
        session.commit()
    assert sent == [(1, True)]


def test_a_rollback_of_the_caller(sent: Sent) -> None:
    with new_session() as session:
        place_order(session, "ada@example.org")
        session.rollback()
        session.commit()
    assert sent == []


def test_the_way(client: TestClient, worker: None, mails: "SimpleQueue[str]") -> None:
    client.post("/orders", params={"email": "ada@example.org"})
    assert mails.get(timeout=5) == "ada@example.org"

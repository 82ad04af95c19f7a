"""What is sent, and when."""

from queue import SimpleQueue

from flask import Flask
from flask.testing import FlaskClient
from shop import too_early
from shop.models import Order, db
from shop.orders import place_order

Sent = list[tuple[int, bool]]


def test_sent_after_the_commit(client: FlaskClient, sent: Sent) -> None:
    client.post("/orders", data={"email": "ada@example.org"})
    assert sent == [(1, True)]


def test_a_mistake_is_found(app: Flask, client: FlaskClient, sent: Sent) -> None:
    app.view_functions["orders.create"] = too_early.create
    client.post("/orders", data={"email": "ada@example.org"})
    assert sent == [(1, False)]


def test_a_refused_order_sends_nothing(client: FlaskClient, sent: Sent) -> None:
    db.session.add(Order(email="ada@example.org"))
    db.session.commit()
    assert client.post("/orders", data={"email": "ada@example.org"}).status_code == 500
    assert sent == []


def test_sent_by_the_commit_of_the_caller(client: FlaskClient, sent: Sent) -> None:
    place_order("ada@example.org")
    assert sent == []
    db.session.commit()
    assert sent == [(1, True)]


def test_a_rollback_of_the_caller(client: FlaskClient, sent: Sent) -> None:
    place_order("ada@example.org")
    db.session.rollback()
    db.session.commit()
    assert sent == []


def test_the_way(client: FlaskClient, worker: None, mails: "SimpleQueue[str]") -> None:
    client.post("/orders", data={"email": "ada@example.org"})
    assert mails.get(timeout=5) == "ada@example.org"

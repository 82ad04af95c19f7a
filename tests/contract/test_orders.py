"""Orders and customers: what is saved, what is sent afterwards, and how often."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from celery import Celery

if TYPE_CHECKING:
    from shops import Shop

WRONG_ORDERS = [
    {},
    [],
    None,
    "order",
    {"user_id": 1},
    {"total_cents": 1},
    {"user_id": "1", "total_cents": 1},
    {"user_id": 1, "total_cents": "1"},
    {"user_id": True, "total_cents": 1},
    {"user_id": 1.0, "total_cents": 1},
    {"user_id": None, "total_cents": 1},
    {"user_id": 0, "total_cents": 1},
    {"user_id": 2**31, "total_cents": 1},
    {"user_id": 1, "total_cents": 0},
    {"user_id": 1, "total_cents": -1},
    {"user_id": 1, "total_cents": 10_000_001},
    {"user_id": 1, "total_cents": 10**400},
    {"user_id": [1], "total_cents": 1},
]


def test_an_order(shop: Shop) -> None:
    """The order is saved; its receipt and its webhook come once."""
    answer = shop.http.post("/orders", json={"user_id": 1, "total_cents": 1905})
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    order = answer.json()
    assert order == {"id": order["id"], "user_id": 1, "total_cents": 1905}
    subject, key = f"Receipt for order {order['id']}", f"order-{order['id']}"
    shop.until(lambda: subject in shop.mail.subjects())
    shop.until(lambda: key in dict(shop.webhooks.received))
    (message,) = [message for message in shop.mail.messages if message["Subject"] == subject]
    assert message["To"] == "ada@example.org"
    assert message["From"] == "shop@example.org"
    assert message.get_content().strip().lower().endswith("you paid 19.05.")
    (webhook,) = [body for name, body in shop.webhooks.received if name == key]
    assert webhook == {"order_id": order["id"], "total_cents": 1905}


def test_many_orders_at_once(shop: Shop) -> None:
    """Clients that order at the same time do not disturb each other, and each gets one receipt."""
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(shop.order, range(100, 116)))
    assert len(set(ids)) == 16
    subjects = [f"Receipt for order {order_id}" for order_id in ids]
    shop.until(lambda: set(subjects) <= set(shop.mail.subjects()))
    assert [shop.mail.subjects().count(subject) for subject in subjects] == [1] * 16


@pytest.mark.parametrize("body", WRONG_ORDERS, ids=repr)
def test_a_wrong_order(shop: Shop, body: object) -> None:
    """It is refused with a reason, and nothing is saved."""
    before = shop.order()
    json_type = {"Content-Type": "application/json"}
    answer = shop.http.post("/orders", content=json.dumps(body), headers=json_type)
    assert answer.status_code == 400, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    (error,) = answer.json().values()
    assert list(answer.json()) == ["error"]
    assert isinstance(error, str)
    assert error
    assert shop.order() == before + 1


def test_an_order_of_nobody(shop: Shop) -> None:
    """A customer who does not exist is a 404."""
    answer = shop.http.post("/orders", json={"user_id": 2**31 - 1, "total_cents": 1})
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]


def test_a_form_is_no_order(shop: Shop) -> None:
    """What a form on another site can send is refused."""
    body = b'{"user_id": 1, "total_cents": 1905}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = shop.http.post("/orders", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 415, (kind, answer.text)
        assert list(answer.json()) == ["error"]


def test_archive(shop: Shop) -> None:
    """A customer is archived in the background, also when it is asked for twice."""
    for _ in range(2):
        answer = shop.http.post("/users/2/archive")
        assert answer.status_code == 202
        assert answer.json() == {"id": 2}


@pytest.mark.parametrize(
    "user_id", ["3", str(2**31 - 1), str(2**31), str(10**30), "x", "-1", "1.0"]
)
def test_archive_nobody(shop: Shop, user_id: str) -> None:
    """A customer who does not exist, or cannot, is a 404."""
    answer = shop.http.post(f"/users/{user_id}/archive")
    assert answer.status_code == 404
    assert list(answer.json()) == ["error"]


def test_one_order_announced_three_times(shop: Shop) -> None:
    """Messages for one order that are worked on at the same time mail one receipt: the row is locked."""
    if shop.lane not in {"redis", "rabbitmq"}:
        pytest.skip("SQLite locks no rows, and the other lanes have one worker")
    before = f"Receipt for order {shop.order()}"  # what other tests have ordered is mailed first, quickly
    shop.until(lambda: before in shop.mail.subjects())
    shop.mail.delay = 1.0
    order_id = shop.order()
    with Celery("sender", set_as_current=False) as sender:
        sender.conf.update(shop.settings)
        for _ in range(2):
            sender.send_task("shop.tasks.send_receipt", args=(order_id,))
    last = f"Receipt for order {shop.order()}"
    shop.until(lambda: last in shop.mail.subjects())
    shop.mail.delay = 0.0
    # The worker has two processes: after these two receipts, both have been behind the three messages.
    for subject in [f"Receipt for order {shop.order()}" for _ in range(2)]:
        shop.until(lambda subject=subject: subject in shop.mail.subjects())
    assert shop.mail.subjects().count(f"Receipt for order {order_id}") == 1

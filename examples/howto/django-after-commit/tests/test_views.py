"""The routes, with their tasks."""

from queue import Queue
from uuid import uuid4

import pytest
from celery.result import AsyncResult
from django.db import DEFAULT_DB_ALIAS
from django.test import Client
from shop.models import Job, Order
from shop.views import create_async

pytestmark = pytest.mark.usefixtures("worker")
SECONDS = 5
Done = Queue[tuple[str, object]]


@pytest.mark.parametrize("url", ["/orders", "/async-orders"])
def test_an_order(client: Client, done: Done, url: str) -> None:
    answer = client.post(url, {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert answer.json() == {"id": Order.objects.get(email="ada@example.com").pk}
    assert done.get(timeout=SECONDS) == ("shop.tasks.send_receipt", "sent to ada@example.com")


def test_an_async_view_is_not_in_a_transaction() -> None:
    assert vars(create_async)["_non_atomic_requests"] == {DEFAULT_DB_ALIAS}


def test_a_second_order(client: Client, done: Done) -> None:
    client.post("/orders", {"email": "ada@example.com"})
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 409
    assert answer.json() == {"error": "this customer has an order"}
    done.get(timeout=SECONDS)
    assert done.empty()


def test_a_group(client: Client, done: Done) -> None:
    answer = client.post("/group-orders", {"email": ["ada@example.com", "bob@example.com"]})
    assert answer.status_code == 201
    assert answer.json() == {"ids": list(Order.objects.order_by("pk").values_list(flat=True))}
    results = [done.get(timeout=SECONDS)[1] for _ in range(2)]
    assert results == ["sent to ada@example.com", "sent to bob@example.com"]


def test_a_group_of_which_one_has_an_order(client: Client, done: Done) -> None:
    emails = ["ada@example.com", "bob@example.com", "ada@example.com"]
    answer = client.post("/group-orders", {"email": emails})
    assert answer.status_code == 409
    assert answer.json() == {"error": "this customer has an order"}
    assert not Order.objects.exists()
    client.post("/orders", {"email": "eve@example.com"})
    assert done.get(timeout=SECONDS)[1] == "sent to eve@example.com"
    assert done.empty()


def test_a_report(client: Client, done: Done) -> None:
    answer = client.post("/years/2026/reports")
    assert answer.status_code == 202
    job = Job.objects.get()
    assert str(job) == "report of 2026"
    assert answer.json() == {"id": str(job.pk)}
    assert answer["Location"] == f"/reports/{job.pk}"
    assert done.get(timeout=SECONDS) == ("shop.tasks.make_report", "report of 2026")
    assert AsyncResult(str(job.pk)).get(timeout=SECONDS, interval=0.01) == "report of 2026"
    answer = client.get(answer["Location"])
    assert answer.status_code == 200
    assert answer.json() == {"year": 2026, "state": "SUCCESS"}


def test_a_report_that_waits(client: Client) -> None:
    job = Job.objects.create(year=2026)
    assert client.get(f"/reports/{job.pk}").json() == {"year": 2026, "state": "PENDING"}


def test_a_report_that_nobody_asked_for(client: Client) -> None:
    assert client.get(f"/reports/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    "url", ["/orders", "/group-orders", "/async-orders", "/years/2026/reports"]
)
def test_only_a_post_changes_something(client: Client, url: str) -> None:
    assert client.get(url).status_code == 405


def test_only_a_get_asks(client: Client) -> None:
    assert client.post(f"/reports/{uuid4()}").status_code == 405

"""Which database a task reads, and whose commit it waits for."""

import time
from collections.abc import Callable
from threading import Thread

import pytest
from audit.models import Entry
from audit.tasks import forward
from celery import Celery, Task, shared_task
from django.core.handlers.base import BaseHandler
from django.db import connections, router, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from shop import orders
from shop.models import Order
from shop.tasks import confirm_refund, count_orders, send_receipt

# Every test may use every database, and commits.
pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


def open_transactions() -> set[str]:
    """Name the databases with a transaction that is not committed yet."""
    return {connection.alias for connection in connections.all() if connection.in_atomic_block}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...], set[str]]]:
    """Collect what would be sent, and which transactions were open then."""
    calls: list[tuple[str, tuple[int, ...], set[str]]] = []

    def watch(task: Task) -> Callable[..., None]:
        return lambda args, *_, **__: calls.append((task.name, args, open_transactions()))

    for task in (forward, confirm_refund, send_receipt):
        monkeypatch.setattr(task, "apply_async", watch(task))
    return calls


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_each_task_waits_for_its_database(sent: list) -> None:
    with transaction.atomic(), transaction.atomic(using="audit"):
        order = orders.place("ada@example.com")
        assert sent == []
    entry = Entry.objects.get()
    assert entry.text == f"{order} placed"
    assert sent == [
        ("audit.tasks.forward", (entry.pk,), {"default"}),
        ("shop.tasks.send_receipt", (order.pk,), set()),
    ]


def test_a_refund_is_confirmed_when_both_are_committed(sent: list) -> None:
    order = Order.objects.create(email="ada@example.com")
    orders.refund(order)
    entry = Entry.objects.get()
    assert entry.text == f"{order} refunded"
    assert Order.objects.using("default").get().refunded
    assert sent == [("shop.tasks.confirm_refund", (order.pk, entry.pk), set())]


def test_delay_on_commit_waits_for_default_only(sent: list) -> None:
    with transaction.atomic(using="audit"):
        entry = Entry.objects.create(text="too early")
        forward.delay_on_commit(entry.pk)
        # Sent already, and no worker can find the entry.
        assert sent == [("audit.tasks.forward", (entry.pk,), {"audit"})]


def test_with_atomic_requests_default_commits_first(
    sent: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    for alias in ("default", "audit"):
        monkeypatch.setitem(connections[alias].settings_dict, "ATOMIC_REQUESTS", True)

    def view(_: HttpRequest) -> HttpResponse:
        send_receipt.delay_on_commit(1)
        return HttpResponse()

    BaseHandler().make_view_atomic(view)(HttpRequest())
    assert sent == [("shop.tasks.send_receipt", (1,), {"audit"})]


@pytest.mark.usefixtures("worker")
def test_tasks_read_what_the_replica_does_not_have_yet(celery_app: Celery) -> None:
    order = orders.place("ada@example.com")
    until(lambda: Order.objects.using("default").get().receipt_sent)
    until(lambda: Entry.objects.get().forwarded)
    if celery_app.conf.task_always_eager:
        assert send_receipt.apply((order.pk,)).get() == "sent to ada@example.com"
        entry = Entry.objects.get()
        assert forward.apply((entry.pk,)).get() == f"forwarded: {order} placed"
        answer = confirm_refund.apply((order.pk, entry.pk)).get()
        assert answer == f"told ada@example.com: {order} placed, entry {entry.pk}"


def test_views_read_from_the_replica(client: Client, sent: list) -> None:
    answer = client.post("/orders", {"email": "ada@example.com"})
    order_id = answer.json()["id"]
    assert (answer.status_code, len(sent)) == (201, 2)
    assert client.get(f"/orders/{order_id}").status_code == 404
    # The replica catches up.
    Order.objects.using("default").get(pk=order_id).save(using="replica")
    assert client.get(f"/orders/{order_id}").json() == {"id": order_id, "receipt_sent": False}
    assert client.post(f"/orders/{order_id}").status_code == 405
    assert client.get("/orders").status_code == 405


def test_a_task_may_choose_the_replica() -> None:
    Order.objects.create(email="ada@example.com")
    Order.objects.using("replica").create(email="ada@example.com")
    Order.objects.using("replica").create(email="bob@example.com")
    assert count_orders.apply().get() == 2


@shared_task
def read_in_a_thread() -> list[str]:
    """Say which databases a task and a thread of it read from."""
    found = [Order.objects.all().db]
    thread = Thread(target=lambda: found.append(Order.objects.all().db))
    thread.start()
    thread.join()
    return found


def test_a_thread_of_a_task_reads_from_the_replica() -> None:
    assert read_in_a_thread.apply().get() == ["default", "replica"]


def test_a_row_that_is_locked_is_read_where_it_is_written() -> None:
    assert Order.objects.all().db == "replica"
    assert Order.objects.select_for_update().db == "default"


def test_relations_stay_in_one_database() -> None:
    order, copy = (Order.from_db(alias, [], []) for alias in ("default", "replica"))
    entry = Entry.from_db("audit", [], [])
    assert router.allow_relation(order, copy)
    assert router.allow_relation(entry, entry)
    assert not router.allow_relation(order, entry)

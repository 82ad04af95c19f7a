"""What tasks load, and what they leave alone."""

from unittest.mock import patch
from uuid import UUID

import pytest
from celery import Task
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from kombu.exceptions import EncodeError
from shop import carrier, orders
from shop.models import Invoice, Order
from shop.tasks import (
    archive_user,
    index,
    make_label,
    remind,
    send_invoice,
    send_receipt,
    ship,
)

GONE = 404
# It starts a worker in one lane, so these tests commit.
with_worker = pytest.mark.usefixtures("worker")


def run(task: Task, *args: object) -> object:
    """Send a task, and wait for what it returns."""
    return task.delay(*args).get(timeout=5, interval=0.01)


@pytest.fixture
def order(db: None) -> Order:
    return Order.objects.create(email="ada@example.com", address="1 Old Street")


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@with_worker
def test_a_receipt_needs_its_order(order: Order) -> None:
    assert run(send_receipt, order.pk) == "sent to ada@example.com"
    with pytest.raises(Order.DoesNotExist, match="Order matching query does not exist"):
        run(send_receipt, GONE)


@with_worker
def test_a_customer_is_archived_once() -> None:
    user = get_user_model().objects.create(username="ada")
    other = get_user_model().objects.create(username="bob")
    assert [run(archive_user, user.pk) for _ in range(2)] == ["archived", "nothing to do"]
    assert run(archive_user, GONE) == "nothing to do"
    user.refresh_from_db()
    other.refresh_from_db()
    assert (user.is_active, other.is_active) == (False, True)


@pytest.mark.django_db
def test_the_view_sends_the_key(client: Client) -> None:
    user = get_user_model().objects.create(username="ada")
    with patch.object(archive_user, "delay_on_commit") as sent:
        answer = client.post(f"/users/{user.pk}/archive")
        assert client.post(f"/users/{GONE}/archive").status_code == 404
        assert client.get(f"/users/{user.pk}/archive").status_code == 405
    assert (answer.status_code, answer.json()) == (202, {"id": user.pk})
    sent.assert_called_once_with(user.pk)


@with_worker
def test_a_label_leaves_the_new_address_alone(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    def label_for(address: str) -> str:
        # Meanwhile, the customer moves.
        Order.objects.filter(pk=order.pk).update(address="2 New Street")
        return f"to {address}"

    monkeypatch.setattr(carrier, "label_for", label_for)
    assert run(make_label, order.pk) == "to 1 Old Street"
    order.refresh_from_db()
    assert (order.address, order.label) == ("2 New Street", "to 1 Old Street")


@with_worker
def test_reminders_are_counted_by_the_database(order: Order) -> None:
    other = Order.objects.create(email="bob@example.com")
    assert run(remind, [order.pk, GONE]) == 1
    assert run(remind, [order.pk]) == 1
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.reminders, other.reminders) == (2, 0)


@pytest.mark.django_db
def test_many_orders_are_many_messages() -> None:
    Order.objects.bulk_create(Order(email="ada@example.com") for _ in range(1001))
    with patch.object(remind, "delay") as sent:
        assert orders.remind_all(Order.objects.all()) == 3
    parts = [call.args[0] for call in sent.call_args_list]
    assert [len(part) for part in parts] == [500, 500, 1]
    assert [key for part in parts for key in part] == list(
        Order.objects.order_by("pk").values_list("pk", flat=True)
    )


@with_worker
def test_an_order_is_shipped_once(order: Order) -> None:
    other = Order.objects.create(email="bob@example.com")
    assert [run(ship, order.pk) for _ in range(2)] == ["shipped", "nothing to do"]
    order.refresh_from_db()
    other.refresh_from_db()
    assert (order.shipped, other.shipped) == (True, False)


@with_worker
def test_a_uuid_arrives_as_one() -> None:
    invoice = Invoice.objects.create(cents=1905)
    assert isinstance(invoice.pk, UUID)
    assert run(send_invoice, invoice.pk) == f"UUID {invoice.pk}: 19.05"


@with_worker
def test_only_searchable_models_are_indexed(order: Order) -> None:
    invoice = Invoice.objects.create(cents=1905)
    assert run(index, "shop.Order", order.pk) == f"indexed order {order.pk}"
    assert run(index, "shop.Invoice", invoice.pk) == f"indexed invoice {invoice.pk}"
    user = get_user_model().objects.create(username="ada")
    with pytest.raises(ValueError, match=r"auth\.User is not searchable"):
        run(index, "auth.User", user.pk)


@pytest.mark.parametrize("argument", ["order", "queryset"])
def test_rows_cannot_be_sent(order: Order, argument: str) -> None:
    value = order if argument == "order" else Order.objects.all()
    with pytest.raises(EncodeError, match="is not JSON serializable"):
        send_receipt.delay(value)

"""The wrong view loses the race, and the right one cannot."""

from collections.abc import Callable, Iterator
from queue import Queue
from types import SimpleNamespace

import pytest
from celery import Celery, signals
from django.db import transaction
from django.test import Client
from shop import payments, tasks
from shop.models import Order

pytestmark = pytest.mark.usefixtures("worker")
Outcomes = Queue[tuple[str, str]]
SECONDS = 5


@pytest.fixture
def outcomes() -> Iterator[Outcomes]:
    """Collect the state and the result of every task that ends."""
    queue: Outcomes = Queue()

    def note(state: str, retval: object, **_: object) -> None:
        queue.put((state, str(retval)))

    signals.task_postrun.connect(note, weak=False)
    yield queue
    signals.task_postrun.disconnect(note)


@pytest.fixture
def charge_does(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let a function take the place of the payment provider."""
    return lambda function: monkeypatch.setattr("shop.views.charge", lambda _: function())


def test_a_worker_does_not_find_the_row(
    celery_app: Celery, client: Client, outcomes: Outcomes, charge_does: Callable
) -> None:
    seen = []
    charge_does(lambda: seen.append(outcomes.get(timeout=SECONDS)))
    client.post("/orders/too-early", {"email": "ada@example.com"})
    if celery_app.conf.task_always_eager:
        # The task runs inside the caller's transaction: this lane cannot see the mistake.
        expected = ("SUCCESS", "sent to ada@example.com")
    else:
        expected = ("FAILURE", "Order matching query does not exist.")
    assert seen == [expected]


def test_after_the_commit_it_is_there(
    client: Client, outcomes: Outcomes, charge_does: Callable
) -> None:
    waiting = []
    charge_does(lambda: waiting.append(outcomes.empty()))
    answer = client.post("/orders", {"email": "ada@example.com"})
    assert answer.status_code == 201
    assert answer.json() == {"id": Order.objects.get(email="ada@example.com").pk}
    assert waiting == [True]
    assert outcomes.get(timeout=SECONDS) == ("SUCCESS", "sent to ada@example.com")


def test_an_update_that_is_sent_too_early_makes_no_noise(
    celery_app: Celery, outcomes: Outcomes
) -> None:
    order = Order.objects.create(email="ada@example.com")
    with transaction.atomic():
        Order.objects.filter(pk=order.pk).update(email="ada@example.org")
        tasks.send_receipt.delay(order.pk)
        eager = celery_app.conf.task_always_eager
        address = "ada@example.org" if eager else "ada@example.com"
        assert outcomes.get(timeout=SECONDS) == ("SUCCESS", f"sent to {address}")


class CardRefusedError(Exception):
    """What a payment provider may answer."""


def refuse() -> None:
    raise CardRefusedError


def test_a_task_that_is_sent_too_early_survives_a_rollback(
    client: Client, outcomes: Outcomes, charge_does: Callable
) -> None:
    charge_does(refuse)
    with pytest.raises(CardRefusedError):
        client.post("/orders/too-early", {"email": "ada@example.com"})
    assert not Order.objects.exists()
    outcomes.get(timeout=SECONDS)


def test_a_rollback_drops_the_task(
    client: Client, outcomes: Outcomes, charge_does: Callable
) -> None:
    charge_does(refuse)
    with pytest.raises(CardRefusedError):
        client.post("/orders", {"email": "ada@example.com"})
    charge_does(lambda: None)
    client.post("/orders", {"email": "bob@example.com"})
    assert outcomes.get(timeout=SECONDS) == ("SUCCESS", "sent to bob@example.com")
    assert outcomes.empty()


def test_the_payment_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []
    monkeypatch.setattr(payments, "time", SimpleNamespace(sleep=slept.append))
    assert payments.charge(Order(pk=7)) == "payment-7"
    assert slept == [1]


@pytest.mark.parametrize("url", ["/orders", "/orders/too-early"])
def test_only_a_post_makes_an_order(client: Client, url: str) -> None:
    assert client.get(url).status_code == 405

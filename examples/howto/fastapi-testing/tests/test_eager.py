"""What eager mode does not notice. Each test says what happens in both lanes."""

from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

import pytest
from celery.exceptions import Retry, TaskRevokedError
from celery.exceptions import TimeoutError as NoAnswerError
from fastapi.testclient import TestClient
from forgotten import rest
from shop import mail
from shop.celery_app import celery_app
from shop.database import create_tables, new_session
from shop.main import create_app
from shop.models import Order
from shop.tasks import count_orders, send_receipt
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.exc import NoResultFound

ADA = {"email": "ada@example.org"}


def test_a_tuple_comes_back_as_a_list(order_id: int, worker: None, *, eager: bool) -> None:
    result = count_orders.delay()
    value = result.get(timeout=30, interval=0.01)
    assert value == ((1, 0) if eager else [1, 0])
    assert celery_app.AsyncResult(result.id).get(interval=0.01) == [1, 0]


def test_a_queue_that_nobody_reads(order_id: int, worker: None, *, eager: bool) -> None:
    result = count_orders.apply_async(queue="counts")
    if eager:
        assert result.get() == (1, 0)
    else:
        with pytest.raises(NoAnswerError):
            result.get(timeout=0.1, interval=0.01)


def test_a_task_that_expires(order_id: int, worker: None, *, eager: bool) -> None:
    result = count_orders.apply_async(expires=datetime.now(UTC) - timedelta(days=1))
    if eager:
        assert result.get() == (1, 0)
    else:
        with pytest.raises(TaskRevokedError, match="expired"):
            result.get(timeout=30, interval=0.01)


def test_a_countdown(order_id: int, worker: None, *, eager: bool) -> None:
    result = count_orders.apply_async(countdown=3600)
    if eager:
        assert result.get() == (1, 0)
    else:
        with pytest.raises(NoAnswerError):
            result.get(timeout=0.1, interval=0.01)


def test_a_time_limit(order_id: int, worker: None) -> None:
    result = rest.apply_async(time_limit=0.05)
    assert result.get(timeout=30, interval=0.01) == "rested"


def test_a_task_that_fails(
    client: TestClient, finished: SimpleQueue[str], monkeypatch: pytest.MonkeyPatch, *, eager: bool
) -> None:
    def refuse(*_: str) -> None:
        message = "no such customer"
        raise ValueError(message)

    monkeypatch.setattr(mail, "send", refuse)
    if eager:
        with pytest.raises(ValueError, match="no such customer"):
            client.post("/orders", json=ADA)
    else:
        assert client.post("/orders", json=ADA).status_code == 201
        finished.get(timeout=30)


@pytest.mark.usefixtures("eagerly")
def test_a_task_that_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def time_out(*_: str) -> None:
        message = "away"
        raise OSError(message)

    monkeypatch.setattr(mail, "send", time_out)
    with TestClient(create_app()) as client, pytest.raises(Retry, match=r"OSError\('away'\)"):
        client.post("/orders", json=ADA)


def send_too_early() -> None:
    """Send a task before the commit."""
    create_tables()
    with new_session() as session:
        order = Order(**ADA)
        session.add(order)
        session.flush()
        send_receipt.delay(order.id)
        session.rollback()


@pytest.mark.usefixtures("eagerly")
def test_one_connection_hides_a_task_that_is_too_early(mails: list[tuple[str, str, str]]) -> None:
    options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    memory = create_engine("sqlite://", **options)
    new_session.configure(bind=memory)
    send_too_early()
    assert len(mails) == 1
    memory.dispose()


@pytest.mark.usefixtures("eagerly")
def test_a_database_file_shows_it() -> None:
    with pytest.raises(NoResultFound):
        send_too_early()


@pytest.mark.usefixtures("eagerly")
def test_a_task_by_name() -> None:
    with pytest.warns(match="task_always_eager has no effect on send_task"):
        result = celery_app.send_task("shop.tasks.send_reciept", (1,), queue="nowhere")
    assert result.state == "PENDING"

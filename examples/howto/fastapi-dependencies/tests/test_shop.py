"""What dependencies and tasks share, and what they do not."""

import gc
import hashlib
import io
from typing import Annotated, get_args

import httpx2
import mistakes
import pytest
from celery.result import AsyncResult
from fastapi import BackgroundTasks, Depends, FastAPI, Request, UploadFile
from fastapi.testclient import TestClient
from kombu.exceptions import EncodeError
from shop import rates
from shop.celery_app import celery_app
from shop.clerks import NotAllowedError
from shop.config import Settings
from shop.database import new_session
from shop.dependencies import RatesDep, SessionDep, get_rates
from shop.main import app
from shop.models import Clerk, Order
from shop.rates import Rates, open_rates
from shop.tasks import write_invoice
from sqlalchemy import Engine
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session


def outcome(task_id: str) -> object:
    """Wait for a task to end, and return what it returned."""
    return AsyncResult(task_id, app=celery_app).get(timeout=5, interval=0.01)


def euro_cents(order_id: int = 1) -> int | None:
    """Read what the invoice of an order says."""
    with new_session() as session:
        return session.get_one(Order, order_id).euro_cents


def test_an_invoice(client: TestClient, bank: list[str]) -> None:
    answer = client.post("/orders/1/invoice")
    assert answer.status_code == 202
    assert outcome(answer.json()["task_id"]) == 900
    assert euro_cents() == 900
    assert bank == ["/usd"]


def test_a_price(client: TestClient, database: Engine, bank: list[str]) -> None:
    assert client.get("/orders/1/price").json() == 900
    assert client.get("/orders/2/price").json() == 50
    assert bank == ["/usd", "/chf"]
    missing = client.get("/orders/3/price")
    assert (missing.status_code, missing.json()) == (404, {"detail": "no such order"})
    assert database.pool.checkedout() == 0


def block(clerk_id: int) -> None:
    """Take a clerk's right away."""
    with new_session.begin() as session:
        session.get_one(Clerk, clerk_id).may_invoice = False


def test_the_message_names_the_order_and_who_asks(client: TestClient, bank: list[str]) -> None:
    with new_session.begin() as session:
        session.add(Clerk(id=9, token_hash=hashlib.sha256(b"ninth").hexdigest()))
    block(7)
    answer = client.post("/orders/2/invoice", headers={"Authorization": "Bearer ninth"})
    assert outcome(answer.json()["task_id"]) == 50
    assert (euro_cents(1), euro_cents(2)) == (None, 50)
    assert bank == ["/chf"]


def test_the_task_closes_what_it_opens(
    worker: None, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = []

    def new_client(**options: object) -> httpx2.Client:
        def refuse(_request: httpx2.Request) -> httpx2.Response:
            return httpx2.Response(503)

        clients.append(httpx2.Client(**options, transport=httpx2.MockTransport(refuse)))
        return clients[0]

    monkeypatch.setattr(rates, "new_client", new_client)
    with pytest.raises(httpx2.HTTPError, match="503"):
        write_invoice.delay(1, 7).get(timeout=5, interval=0.01)
    assert [client.is_closed for client in clients] == [True]
    assert database.pool.checkedout() == 0


def test_an_order_that_is_gone(worker: None) -> None:
    with pytest.raises(NoResultFound):
        write_invoice.delay(3, 7).get(timeout=5, interval=0.01)


def test_the_task_asks_again(worker: None, bank: list[str]) -> None:
    message = write_invoice.s(1, 7)  # the endpoint has let the clerk in
    block(7)
    with pytest.raises(NotAllowedError, match="clerk 7 may not write invoices"):
        message.delay().get(timeout=5, interval=0.01)
    assert euro_cents() is None
    assert bank == []


def test_the_endpoint_asks_too(client: TestClient) -> None:
    wrong = client.post("/orders/1/invoice", headers={"Authorization": "Bearer other"})
    assert (wrong.status_code, wrong.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert wrong.json() == {"detail": "unknown token"}
    block(7)
    refused = client.post("/orders/1/invoice")
    assert refused.status_code == 403
    assert refused.json() == {"detail": "clerk 7 may not write invoices"}


def test_nobody_is_no_clerk(worker: None) -> None:
    with pytest.raises(NotAllowedError):
        write_invoice.delay(1, 8).get(timeout=5, interval=0.01)


def test_an_override_does_not_reach_the_task(client: TestClient) -> None:
    app.dependency_overrides[get_rates] = lambda: None
    with pytest.raises(AttributeError, match="'NoneType' object"):
        client.get("/orders/1/price")
    answer = client.post("/orders/1/invoice")
    app.dependency_overrides.clear()
    assert outcome(answer.json()["task_id"]) == 900


def test_a_bank_that_is_closed(bank: list[str]) -> None:
    with open_rates() as open_bank, pytest.raises(httpx2.HTTPStatusError, match="503"):
        open_bank.in_euro(1000, "closed")
    assert bank == ["/closed"]


def test_both_end_before_the_answer() -> None:
    assert {get_args(dependency)[1].scope for dependency in (SessionDep, RatesDep)} == {"function"}


def test_the_client_is_closed_and_does_not_wait_for_ever() -> None:
    with open_rates() as open_bank:
        assert open_bank.client.base_url == Settings.model_fields["rates_url"].default
        assert open_bank.client.timeout.read == 5
        assert not open_bank.client.is_closed
    assert open_bank.client.is_closed


def test_what_cannot_be_sent() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    upload = UploadFile(io.BytesIO())
    for thing in (request, upload, Session(), Clerk(), BackgroundTasks()):
        message = f"Object of type {type(thing).__name__} is not JSON serializable"
        with pytest.raises(EncodeError, match=message):
            write_invoice.delay(1, thing)


def test_a_task_that_asks_as_an_endpoint_does() -> None:
    missing = "missing 1 required positional argument: 'session'"
    with pytest.raises(TypeError, match=missing):
        mistakes.ask_for_it.delay(1)


def test_a_context_manager_is_no_dependency() -> None:
    app = FastAPI()

    @app.get("/")
    def endpoint(rates: Annotated[Rates, Depends(open_rates)]) -> None:
        """Never come here."""

    with pytest.raises(TypeError, match="'_GeneratorContextManager' object is not an iterator"):
        TestClient(app).get("/")


def test_what_is_written_with_next_is_lost(worker: None) -> None:
    assert outcome(mistakes.write_with_next.delay(1).id) == "written"
    assert euro_cents() is None
    assert outcome(mistakes.write_with_context.delay(1).id) == "written"
    assert euro_cents() == 900
    gc.collect()


def test_next_keeps_connections_until_they_are_collected(database: Engine) -> None:
    gc.disable()
    for _ in range(15):
        mistakes.write_with_next(1)
    assert database.pool.checkedout() == 15
    gc.enable()
    gc.collect()
    assert database.pool.checkedout() == 0

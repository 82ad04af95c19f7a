"""What FastAPI does with background tasks, and Celery with tasks."""

from collections.abc import Iterator
from typing import Annotated, Literal
from unittest.mock import patch

import pytest
from celery import Celery
from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from kombu.exceptions import OperationalError
from shop import labels, tasks
from shop.main import app
from starlette.background import BackgroundTask

from conftest import Printer


def test_an_error_skips_the_tasks_behind_it(printer: Printer) -> None:
    app = FastAPI()

    @app.post("/labels", status_code=202)
    def create(background_tasks: BackgroundTasks) -> None:
        for order_id in (1, 0, 2):
            background_tasks.add_task(labels.print_label, order_id)

    printer.give_paper(1, 2)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/labels").status_code == 202
    assert printer.printed(1)
    assert not printer.printed(2)


def test_an_error_ends_one_task_of_celery(
    printer: Printer, celery_app: Celery, client: TestClient
) -> None:
    printer.give_paper(1, 2)
    sent = [client.post(f"/labels/{order_id}/celery") for order_id in (1, 0, 2)]
    assert [answer.status_code for answer in sent] == [202, 202, 202]
    results = [celery_app.AsyncResult(answer.json()["task_id"]) for answer in sent]
    for result in results:
        result.get(timeout=30, interval=0.01, propagate=False)
    assert [result.state for result in results] == ["SUCCESS", "FAILURE", "SUCCESS"]
    assert str(results[1].result) == "there is no order 0"
    assert printer.printed(2)


def test_the_client_gets_the_answer_first(printer: Printer, client: TestClient) -> None:
    printer.give_paper(1)
    answer = client.post("/labels/1/background")
    assert (answer.status_code, answer.json()) == (202, None)
    assert printer.printed(1)


def test_an_error_of_the_endpoint_drops_its_own_tasks_only(worker: None, printer: Printer) -> None:
    app = FastAPI()

    @app.post("/labels", status_code=202)
    def create(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(labels.print_label, 1)
        tasks.print_label.delay(2)
        raise HTTPException(409)

    printer.give_paper(1, 2)
    with TestClient(app) as client:
        assert client.post("/labels").status_code == 409
    printer.wait_for_label(2)
    assert printer.begun(1) == []


def test_a_response_with_a_task_of_its_own_drops_the_others(printer: Printer) -> None:
    app = FastAPI()

    @app.post("/labels")
    def create(background_tasks: BackgroundTasks) -> JSONResponse:
        background_tasks.add_task(labels.print_label, 1)
        return JSONResponse(None, 202, background=BackgroundTask(labels.print_label, 2))

    printer.give_paper(1, 2)
    with TestClient(app) as client:
        assert client.post("/labels").status_code == 202
    assert printer.printed(2)
    assert printer.begun(1) == []


def test_no_handler_answers_for_a_background_task() -> None:
    app = FastAPI()

    def refuse() -> None:
        raise HTTPException(409)

    @app.post("/labels", status_code=202)
    def create(background_tasks: BackgroundTasks) -> None:
        background_tasks.add_task(refuse)

    with (
        TestClient(app) as client,
        pytest.raises(RuntimeError, match="Caught handled exception, but response already started"),
    ):
        client.post("/labels")


@pytest.mark.parametrize(
    ("scope", "order"),
    [("request", ["task", "commit"]), ("function", ["commit", "task"])],
)
def test_when_a_dependency_closes(scope: Literal["request", "function"], order: list[str]) -> None:
    app, seen = FastAPI(), []

    def session() -> Iterator[None]:
        yield
        seen.append("commit")

    @app.post("/orders")
    def create(
        session: Annotated[None, Depends(session, scope=scope)],
        background_tasks: BackgroundTasks,
    ) -> None:
        background_tasks.add_task(seen.append, "task")

    with TestClient(app) as client:
        client.post("/orders")
    assert seen == order


def test_only_celery_tries_again(
    printer: Printer, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks.print_label_on_a_shaky_printer
    monkeypatch.setattr(task, "default_retry_delay", 0)
    tries: list[int] = []

    def fail_twice(order_id: int) -> None:
        tries.append(order_id)
        if tries.count(order_id) < 3:
            raise OSError

    monkeypatch.setattr(labels, "print_label", fail_twice)
    assert client.post("/labels/1/background").status_code == 202
    task.delay(2).get(timeout=30, interval=0.01)
    assert tries == [1, 2, 2, 2]


def test_both(printer: Printer, client: TestClient) -> None:
    printer.give_paper(1)
    assert client.post("/labels/1/both").status_code == 202
    printer.wait_for_label(1)


def test_both_without_a_broker(printer: Printer) -> None:
    send = tasks.print_label
    refused = patch.object(send, "apply_async", side_effect=OperationalError)
    with refused, TestClient(app, raise_server_exceptions=False) as client:
        assert client.post("/labels/1/celery").status_code == 500
        assert client.post("/labels/1/both").status_code == 202
    assert printer.begun(1) == []


def test_what_the_tasks_are() -> None:
    assert not tasks.print_label.acks_late
    assert tasks.print_label_surely.acks_late
    assert tasks.print_label_surely.reject_on_worker_lost
    assert tasks.print_label_on_a_shaky_printer.max_retries == 3
    assert tasks.print_label_on_a_shaky_printer.default_retry_delay == 1

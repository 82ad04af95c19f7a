"""What the lines are made of, and what the worker does with the id."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from celery import Celery, Task
from celery.signals import setup_logging
from celery.utils.log import get_task_logger
from shop import ids, logs
from shop.tasks import mail_report, make_report

Line = dict[str, Any]


def test_a_line(lines: Callable[[], list[Line]]) -> None:
    logging.getLogger("shop.test").warning("paid\n%s", "level", extra={"order": 7})
    (line,) = lines()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "shop.test",
        "message": "paid\nlevel",
        "order": 7,
        "request_id": "-",
        "task_id": None,
        "task_name": None,
    }


def test_nobody_forges_a_line(lines: Callable[[], list[Line]]) -> None:
    forged = 'ok\n{"level": "CRITICAL", "message": "all is lost"}\r\x1b[2J\u2028'
    logging.getLogger("shop.test").info("name: %s", forged)
    (line,) = lines()
    assert line["message"] == f"name: {forged}"
    assert line["level"] == "INFO"


def test_celerys_loggers_write_the_same_way(lines: Callable[[], list[Line]]) -> None:
    get_task_logger("shop.test").info("from a task")
    assert [line["logger"] for line in lines()] == ["shop.test"]


def test_no_arguments(lines: Callable[[], list[Line]]) -> None:
    data = {"id": "1", "name": "shop.tasks.make_report", "args": "('secret',)"}
    logging.getLogger("celery.worker.strategy").info("received", extra={"data": data})
    (line,) = lines()
    assert (line["task_id"], line["task_name"]) == ("1", "shop.tasks.make_report")
    assert "secret" not in json.dumps(line)


def test_data_of_somebody_else(lines: Callable[[], list[Line]]) -> None:
    logging.getLogger("shop.test").info("sent", extra={"data": ["secret"]})
    (line,) = lines()
    assert (line["task_id"], line["task_name"]) == (None, None)
    assert "data" not in line


@pytest.mark.parametrize("name", ["request", "color_message"])
def test_nothing_else_that_libraries_add(lines: Callable[[], list[Line]], name: str) -> None:
    logging.getLogger("django.request").warning("Not Found: /", extra={name: "/?token=secret"})
    assert "secret" not in json.dumps(lines())


def test_a_failure_is_one_line(
    worker: None, wait_for: Callable[[str], Line], celery_app: Celery
) -> None:
    mail_report.delay("this\nyear")
    line = wait_for("raised unexpected")
    assert line["level"] == "ERROR"
    assert line["exc_info"].startswith("Traceback")
    assert line["task_name"] == "shop.tasks.mail_report"
    assert "data" not in line


def test_work_without_a_request_has_the_id_of_its_first_task(
    worker: None, wait_for: Callable[[str], Line], celery_app: Celery
) -> None:
    make_report.delay(2026)
    mailed = wait_for("report of 2026 mailed")
    if celery_app.conf.task_always_eager:
        assert mailed["request_id"] == "-"
        return
    begun = wait_for("report of 2026 begins")
    assert begun["attempt"] == 2
    assert UUID(begun["request_id"])
    assert begun["request_id"] == begun["task_id"] == mailed["request_id"]
    assert mailed["task_id"] != begun["task_id"]


@pytest.fixture
def message() -> Iterator[Callable[..., Task]]:
    """Return what makes a task that has come in a message."""
    pushed = []

    def make(**request: object) -> Task:
        mail_report.push_request(id="1", root_id="1", **request)
        pushed.append(mail_report)
        return mail_report

    yield make
    for task in pushed:
        task.pop_request()


def test_an_id_from_a_message_is_forgotten(message: Callable[..., Task]) -> None:
    task = message(is_eager=False, request_id="demo-4")
    ids.begin(task)
    assert ids.request_id.get() == "demo-4"
    headers: dict[str, Any] = {}
    ids.add_header(headers)
    assert headers == {"request_id": "demo-4"}
    ids.end(task)
    assert ids.request_id.get() == "-"
    ids.add_header(headers := {})
    assert headers == {}


def test_an_eager_task_keeps_the_id(message: Callable[..., Task]) -> None:
    task = message(is_eager=True)
    token = ids.request_id.set("of the request")
    ids.begin(task)
    ids.end(task)
    assert ids.request_id.get() == "of the request"
    ids.request_id.reset(token)


def test_celery_asks_for_it(lines: Callable[[], list[Line]]) -> None:
    root = logging.getLogger()
    receivers = [receiver for receiver, _ in setup_logging.send(sender=None, loglevel=10)]
    assert logs.configure in receivers
    assert root.level == logging.DEBUG
    logs.configure()
    assert root.level == logging.INFO
    for name in ("uvicorn", "uvicorn.access"):
        assert logging.getLogger(name).handlers == []
        assert logging.getLogger(name).propagate
    pool = logging.getLogger("multiprocessing")
    (handler,) = pool.handlers
    assert handler in root.handlers
    assert pool.level == logging.ERROR
    assert not logging.getLogger("shop.tasks").disabled

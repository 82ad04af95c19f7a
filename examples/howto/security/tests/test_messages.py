"""What a worker does with messages that it should not obey, and what a message shows."""

import json
import logging
import os

import pytest
from celery import Celery
from celery.exceptions import SecurityError, SecurityWarning
from celery.platforms import check_privileges
from celery.signals import before_task_publish
from post import MESSAGES, post
from shop.tasks import pay, send_receipt

LOGGED = {
    "pickle": "Refusing to deserialize untrusted content of type pickle",
    "broken": "Can't decode message body: DecodeError",
    "unknown": "Received unregistered task of type 'shop.tasks.send_money'",
    "wrong-number": "missing 1 required positional argument: 'order_id'",
    "wrong-type": "Unknown format code 'd' for object of type 'str'",
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_worker_goes_on(
    celery_app: Celery, kind: str, worker: None, caplog: pytest.LogCaptureFixture
) -> None:
    if celery_app.conf.task_always_eager:
        return  # there is no worker
    with caplog.at_level(logging.ERROR):
        post(kind)
        result = send_receipt.delay(42).get(timeout=20, interval=0.01)
    assert result == "sent the receipt of order 42"
    assert LOGGED[kind] in caplog.text


def test_only_json_is_read(celery_app: Celery) -> None:
    assert celery_app.conf.accept_content == ("json",)
    assert celery_app.conf.result_accept_content is None  # the same as accept_content
    assert celery_app.conf.task_serializer == celery_app.conf.result_serializer == "json"


def test_root_reads_no_pickle(celery_app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.delenv("C_FORCE_ROOT", raising=False)
    with pytest.raises(SecurityError) as error:
        check_privileges(["json", "pickle"])  # as a worker does when it starts
    assert " ".join(str(error.value).split()).startswith(
        "Running a worker with superuser privileges when the worker "
        "accepts messages serialized with pickle is a very bad idea!"
    )
    with pytest.warns(SecurityWarning, match="absolutely not recommended"):
        check_privileges(celery_app.conf.accept_content)


def test_a_result_makes_exceptions_only(celery_app: Celery) -> None:
    forged = {"exc_type": "getcwd", "exc_module": "os", "exc_message": []}
    with pytest.raises(SecurityError, match="Expected an exception class"):
        celery_app.backend.exception_to_python(forged)


def test_a_private_task_hides_its_arguments(celery_app: Celery, worker: None) -> None:
    if celery_app.conf.task_always_eager:
        return  # no message is sent
    shown: list[tuple[str, str]] = []

    def record(headers: dict[str, str], **_: object) -> None:
        shown.append((headers["argsrepr"], headers["kwargsrepr"]))

    before_task_publish.connect(record)
    result = pay.delay(token="tok_4242")  # noqa: S106
    assert result.get(timeout=20, interval=0.01) == "paid with 8 characters"
    assert shown == [("(...)", "{...}"), ("(...)", "{...}")]  # the second is the retry


@pytest.mark.filterwarnings("ignore:task_always_eager has no effect on send_task")
def test_the_body_has_the_arguments(celery_app: Celery) -> None:
    message_id = celery_app.send_task("shop.tasks.pay", ("tok_4242",), argsrepr="(...)").id
    with celery_app.connection_for_read() as connection:
        message = connection.SimpleQueue("celery").get(timeout=2)
        message.ack()
    assert message.headers["id"] == message_id
    assert message.headers["argsrepr"] == "(...)"
    assert json.loads(message.body)[0] == ["tok_4242"]

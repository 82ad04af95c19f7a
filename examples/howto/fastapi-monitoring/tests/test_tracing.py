"""One id from the request to the last task."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from celery import Task
from celery.signals import setup_logging
from fastapi.testclient import TestClient
from shop import logs, tracing
from shop.middleware import RequestId
from shop.tasks import mail_report

from conftest import Line


def wait_for(message: str, lines: Callable[[], list[Line]]) -> Line:
    """Return the line with a message, when it is there."""
    deadline = time.monotonic() + 20
    while not (found := [line for line in lines() if message in line["message"]]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found[0]


def test_one_id_follows_the_work(
    client: TestClient, worker: None, lines: Callable[[], list[Line]]
) -> None:
    client.post("/reports/2026", headers={"X-Request-ID": "demo-1"})

    asked = wait_for("report of 2026 asked for", lines)
    mailed = wait_for("report of 2026 mailed", lines)  # by a task that a task has sent
    assert asked["request_id"] == mailed["request_id"] == "demo-1"
    assert asked["task_id"] == "-"
    assert UUID(mailed["task_id"])


def test_the_next_request_has_another_id(
    client: TestClient, worker: None, lines: Callable[[], list[Line]]
) -> None:
    client.post("/reports/2026", headers={"X-Request-ID": "demo-1"})
    client.post("/reports/2025", headers={"X-Request-ID": "demo-2"})
    assert wait_for("report of 2026 mailed", lines)["request_id"] == "demo-1"
    assert wait_for("report of 2025 mailed", lines)["request_id"] == "demo-2"
    # Here, the worker receives and works in one thread.
    received = [line for line in lines() if line["message"].endswith("received")]
    assert {line["request_id"] for line in received} <= {"-"}
    succeeded = [line["request_id"] for line in lines() if "succeeded" in line["message"]]
    assert {"demo-1"} <= set(succeeded) <= {"demo-1", "demo-2"}


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 65, 'a","level":"b', "\xe9"])
def test_an_id_is_made_if_none_fits(client: TestClient, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-ID": given.encode("latin-1")}
    answer = client.get("/health", headers=headers)
    assert UUID(answer.headers["X-Request-ID"])
    assert tracing.request_id.get() == "-"


def test_an_id_is_kept(client: TestClient) -> None:
    answer = client.get("/health", headers={"X-Request-ID": "x" * 64})
    assert answer.headers["X-Request-ID"] == "x" * 64


def test_a_websocket_has_an_id_that_is_forgotten() -> None:
    seen: list[str] = []

    async def endpoint(*_: object) -> None:
        seen.append(tracing.request_id.get())

    async def connect() -> None:
        scope = {"type": "websocket", "headers": [(b"x-request-id", b"demo-5")]}
        await RequestId(endpoint)(scope, endpoint, endpoint)

    asyncio.run(connect())
    assert seen == ["demo-5"]
    assert tracing.request_id.get() == "-"


def test_a_failure_is_one_line(
    client: TestClient, worker: None, lines: Callable[[], list[Line]]
) -> None:
    client.post("/reports/1999", headers={"X-Request-ID": "demo-3"})
    line = wait_for("no orders in 1999", lines)
    assert (line["level"], line["logger"]) == ("ERROR", "celery.app.trace")
    assert line["error"].startswith("Traceback")
    assert line["request_id"] == "demo-3"


def test_a_line_has_these_parts(lines: Callable[[], list[Line]]) -> None:
    logging.getLogger("shop").info("two\nlines")
    (line,) = lines()
    assert list(line) == ["time", "level", "logger", "request_id", "task_id", "message"]
    assert datetime.strptime(line["time"], "%Y-%m-%d %H:%M:%S,%f").astimezone()
    assert (line["level"], line["logger"], line["message"]) == ("INFO", "shop", "two\nlines")


@pytest.fixture
def from_a_message() -> Iterator[Callable[..., Task]]:
    """Return what makes a task that has been sent with these headers."""

    def build(**headers: object) -> Task:
        mail_report.push_request(**{"is_eager": False, "id": "1", **headers})
        return mail_report

    before = tracing.request_id.set("of the task before")
    yield build
    mail_report.request_stack.pop()
    tracing.request_id.reset(before)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("eta", "seconds"),
    [(None, 120), (-MINUTE, 60), (-3 * MINUTE, 120)],
)
def test_waiting_begins_when_a_task_is_due(
    from_a_message: Callable[..., Task],
    lines: Callable[[], list[Line]],
    eta: timedelta | None,
    seconds: int,
) -> None:
    two_minutes_ago = time.time() - 120
    due = eta and (datetime.now(UTC) + eta).isoformat()
    tracing.begin(from_a_message(sent_at=two_minutes_ago, eta=due))
    (line,) = lines()
    assert line["message"] == "shop.tasks.mail_report begins"
    assert line["waited"] == pytest.approx(seconds, abs=10)


def test_a_message_without_headers_is_nobodys(
    from_a_message: Callable[..., Task], lines: Callable[[], list[Line]]
) -> None:
    tracing.begin(from_a_message())
    (line,) = lines()
    assert line["request_id"] == "-"
    assert line["waited"] == pytest.approx(0, abs=10)


def test_headers_are_added() -> None:
    headers: dict[str, object] = {}
    tracing.add_headers(headers=headers, body=b"")
    assert headers == {"request_id": "-", "sent_at": pytest.approx(time.time(), abs=10)}


def test_an_eager_task_keeps_the_id(
    from_a_message: Callable[..., Task], lines: Callable[[], list[Line]]
) -> None:
    task = from_a_message(is_eager=True)
    tracing.begin(task)
    tracing.end(task)
    assert tracing.request_id.get() == "of the task before"
    assert lines() == []


def test_a_message_is_forgotten_when_its_task_ends(from_a_message: Callable[..., Task]) -> None:
    task = from_a_message(request_id="demo-4")
    tracing.begin(task)
    assert tracing.request_id.get() == "demo-4"
    tracing.end(task)
    assert tracing.request_id.get() == "-"


def test_celery_and_uvicorn_log_this_way() -> None:
    root = logging.getLogger()
    before = root.handlers[:]
    assert logs.configure in [receiver for receiver, _ in setup_logging.send(sender=None)]
    (handler,) = root.handlers
    root.handlers[:] = before
    assert (type(handler.formatter), root.level) == (logs.JsonFormatter, logging.INFO)
    assert [type(filter_) for filter_ in handler.filters] == [logs.AddIds]
    assert not logging.getLogger("shop.main").disabled
    for name in ("uvicorn", "uvicorn.access"):
        assert logging.getLogger(name).handlers == []
        assert logging.getLogger(name).propagate

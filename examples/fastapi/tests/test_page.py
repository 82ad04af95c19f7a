"""The page: its HTML through the test client, its script in a JavaScript engine."""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
import quickjs
from fastapi.testclient import TestClient

TASK_URL = "/tasks/7d5e"
SHOP = Path(__file__).parents[1] / "shop"


class Elements(HTMLParser):
    """The elements of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.found.append((tag, dict(attrs)))


class Browser:
    """A browser that shows the page, without a server."""

    def __init__(self, script: str) -> None:
        """Load the page."""
        self.context = quickjs.Context()
        for source in (Path(__file__).with_name("browser.js").read_text("utf-8"), script):
            self.context.eval(source)

    def run(self, call: str, *args: str | int) -> str | bool | None:
        """Call a function of browser.js, then run everything that it made ready."""
        arguments = ", ".join(json.dumps(argument) for argument in args)
        value = self.context.eval(f"browser.{call}({arguments})")
        while self.context.execute_pending_job():
            pass
        return value

    def answer(self, status: int, body: object, location: str = "") -> None:
        """Answer the oldest request."""
        self.run("answer", status, json.dumps(body), location)

    def answer_task(self, state: str, **known: object) -> None:
        """Answer a question about the state of the task."""
        unknown = {"id": "7d5e", "progress": 0, "result": None, "error": None}
        self.answer(200, {**unknown, "state": state, **known})

    def send_event(self, state: str, **known: object) -> None:
        """Send an event with the state of the task."""
        unknown = {"id": "7d5e", "progress": 0, "result": None, "error": None}
        self.run("event", json.dumps({**unknown, "state": state, **known}))

    @property
    def sources(self) -> list[str]:
        """Return the open streams of events."""
        return json.loads(self.run("sources"))

    @property
    def requests(self) -> list[dict[str, object]]:
        """Return the requests that wait for an answer."""
        return json.loads(self.run("requests"))

    @property
    def timers(self) -> list[int]:
        """Return the delays of the timers that wait."""
        return json.loads(self.run("timers"))

    @property
    def errors(self) -> list[str]:
        """Return the errors that the script did not catch."""
        return json.loads(self.run("errors"))

    @property
    def shown(self) -> tuple[str, int | None, bool]:
        """Return the message, the value of the bar if it is visible, whether one can click."""
        return tuple(json.loads(self.run("shown")).values())


@pytest.fixture
def browser() -> Browser:
    """Return a browser that shows the page."""
    return Browser((SHOP / "static" / "reports.js").read_text("utf-8"))


@pytest.fixture
def following(browser: Browser) -> Browser:
    """Return a browser whose report was accepted; it waits for events."""
    browser.run("submit")
    browser.answer(202, {"id": "7d5e"}, TASK_URL)
    return browser


@pytest.fixture
def waiting(browser: Browser) -> Browser:
    """Return a browser without server-sent events, whose report was accepted; it asks."""
    browser.run("forgetEventSource")
    browser.run("submit")
    browser.answer(202, {"id": "7d5e"}, TASK_URL)
    return browser


def test_html(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert Elements(response.text).found == [
        ("html", {"lang": "en"}),
        ("head", {}),
        ("meta", {"charset": "utf-8"}),
        ("meta", {"name": "viewport", "content": "width=device-width"}),
        ("title", {}),
        ("script", {"src": "/static/reports.js", "defer": None}),
        ("body", {}),
        ("h1", {}),
        ("form", {"id": "report", "action": "/reports"}),
        ("label", {}),
        (
            "input",
            {"name": "year", "type": "number", "min": "2000", "max": "2100", "required": None},
        ),
        ("button", {"id": "submit"}),
        (
            "progress",
            {
                "id": "progress",
                "max": "100",
                "value": "0",
                "hidden": None,
                "aria-label": "Progress of the report",
            },
        ),
        ("output", {"id": "message", "for": "report"}),
    ]


def test_content_security_policy_allows_the_script(client: TestClient) -> None:
    assert client.get("/").headers["Content-Security-Policy"] == "default-src 'self'"
    script = client.get("/static/reports.js")
    assert script.status_code == 200
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_submit_sends_the_year(browser: Browser) -> None:
    assert browser.run("submit") is True
    assert browser.requests == [
        {
            "url": "/reports",
            "method": "POST",
            "headers": {"Content-Type": "application/json"},
            "body": '{"year":2026}',
        }
    ]
    assert browser.shown == ("Sending …", 0, False)


def test_events(following: Browser) -> None:
    assert (following.sources, following.requests) == ([f"{TASK_URL}/events"], [])
    following.send_event("PENDING")
    assert following.shown == ("0 %", 0, False)
    following.send_event("PROGRESS", progress=58)
    assert following.shown == ("58 %", 58, False)
    assert following.sources == [f"{TASK_URL}/events"]
    following.send_event("SUCCESS", progress=100, result={"orders": 3, "total_cents": 190500})
    assert following.shown == ("3 orders, 1905.00 in total", None, True)
    assert (following.sources, following.requests, following.timers) == ([], [], [])


def test_failure_in_an_event(following: Browser) -> None:
    following.send_event("REVOKED", error="revoked")
    assert following.shown == ("The report failed: revoked", None, True)
    assert following.sources == []


def test_events_break_off(following: Browser) -> None:
    following.send_event("PROGRESS", progress=58)
    following.run("breakOff")
    assert (following.sources, following.requests) == ([], [{"url": TASK_URL}])
    following.answer_task("PROGRESS", progress=66)
    assert following.shown == ("66 %", 66, False)
    assert following.timers == [500]


def test_accepted(waiting: Browser) -> None:
    assert waiting.requests == [{"url": TASK_URL}]


def test_not_accepted(browser: Browser) -> None:
    browser.run("submit")
    browser.answer(400, {"error": "year must be an integer from 2000 to 2100"})
    text = "Not accepted: year must be an integer from 2000 to 2100"
    assert browser.shown == (text, None, True)
    assert (browser.requests, browser.timers) == ([], [])


def test_no_server(browser: Browser) -> None:
    browser.run("submit")
    browser.run("fail")
    assert browser.shown == ("The server does not answer.", None, True)


def test_progress(waiting: Browser) -> None:
    waiting.answer_task("PENDING")
    assert waiting.shown == ("0 %", 0, False)
    assert (waiting.requests, waiting.timers) == ([], [500])
    waiting.run("tick")
    assert waiting.requests == [{"url": TASK_URL}]
    waiting.answer_task("PROGRESS", progress=58)
    assert waiting.shown == ("58 %", 58, False)
    assert waiting.timers == [500]


def test_success(waiting: Browser) -> None:
    waiting.answer_task("SUCCESS", progress=100, result={"orders": 3, "total_cents": 190500})
    assert waiting.shown == ("3 orders, 1905.00 in total", None, True)
    assert waiting.timers == []


def test_failure(waiting: Browser) -> None:
    waiting.answer_task("FAILURE", error="no orders in 2026")
    assert waiting.shown == ("The report failed: no orders in 2026", None, True)
    assert waiting.timers == []


def test_unknown_report(waiting: Browser) -> None:
    waiting.answer(404, {"error": "no such task"})
    assert waiting.shown == ("The report failed: no such task", None, True)
    assert waiting.timers == []


def test_connection_lost(waiting: Browser) -> None:
    waiting.answer_task("PROGRESS", progress=58)
    waiting.run("tick")
    waiting.run("fail")
    assert waiting.shown == ("No connection, trying again …", 58, False)
    assert (waiting.timers, waiting.errors) == ([500], [])
    waiting.run("tick")
    assert waiting.requests == [{"url": TASK_URL}]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, '{"error": "no result backend"}'),
        (502, "<h1>Bad Gateway</h1>"),
        (200, "<h1>Back</h1>"),
    ],
)
def test_no_answer_about_the_task(waiting: Browser, status: int, body: str) -> None:
    waiting.run("answer", status, body)
    assert waiting.shown == ("No connection, trying again …", 0, False)
    assert waiting.timers == [500]

"""The page: its HTML through the test client, its script in a JavaScript engine."""

import json
from html.parser import HTMLParser
from pathlib import Path

import quickjs
from django.contrib.staticfiles import finders

from tests.cases import Plain

TASK_URL = "/tasks/7d5e"


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


class PageTest(Plain):
    """The HTML."""

    def test_html(self) -> None:
        response = self.client.get("/")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            Elements(response.text).found,
            [
                ("html", {"lang": "en"}),
                ("head", {}),
                ("meta", {"charset": "utf-8"}),
                ("meta", {"name": "viewport", "content": "width=device-width"}),
                ("title", {}),
                ("script", {"src": "/static/shop/reports.js", "defer": None}),
                ("body", {}),
                ("h1", {}),
                ("form", {"id": "report", "action": "/reports"}),
                ("label", {}),
                (
                    "input",
                    {
                        "name": "year",
                        "type": "number",
                        "min": "2000",
                        "max": "2100",
                        "required": None,
                    },
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
            ],
        )

    def test_content_security_policy_allows_the_script(self) -> None:
        policy = self.client.get("/").headers["Content-Security-Policy"]
        self.assertEqual(policy, "default-src 'self'")


class ScriptTest(Plain):
    """The script."""

    def setUp(self) -> None:
        super().setUp()
        self.browser = self.load()

    def load(self) -> Browser:
        """Return a browser that shows the page."""
        script = finders.find("shop/reports.js")
        return Browser(Path(script).read_text("utf-8"))

    def submit(self) -> Browser:
        """Return a browser whose report was accepted; it waits for events."""
        self.browser.run("submit")
        self.browser.answer(202, {"id": "7d5e"}, TASK_URL)
        return self.browser

    def submit_without_events(self) -> Browser:
        """Return a browser without server-sent events, whose report was accepted; it asks."""
        self.browser.run("forgetEventSource")
        return self.submit()

    def test_submit_sends_the_year(self) -> None:
        browser = self.browser
        self.assertIs(browser.run("submit"), True)
        self.assertEqual(
            browser.requests,
            [
                {
                    "url": "/reports",
                    "method": "POST",
                    "headers": {"Content-Type": "application/json"},
                    "body": '{"year":2026}',
                }
            ],
        )
        self.assertEqual(browser.shown, ("Sending …", 0, False))

    def test_events(self) -> None:
        following = self.submit()
        self.assertEqual((following.sources, following.requests), ([f"{TASK_URL}/events"], []))
        following.send_event("PENDING")
        self.assertEqual(following.shown, ("0 %", 0, False))
        following.send_event("PROGRESS", progress=58)
        self.assertEqual(following.shown, ("58 %", 58, False))
        self.assertEqual(following.sources, [f"{TASK_URL}/events"])
        following.send_event("SUCCESS", progress=100, result={"orders": 3, "total_cents": 190500})
        self.assertEqual(following.shown, ("3 orders, 1905.00 in total", None, True))
        self.assertEqual((following.sources, following.requests, following.timers), ([], [], []))

    def test_failure_in_an_event(self) -> None:
        following = self.submit()
        following.send_event("REVOKED", error="revoked")
        self.assertEqual(following.shown, ("The report failed: revoked", None, True))
        self.assertEqual(following.sources, [])

    def test_events_break_off(self) -> None:
        following = self.submit()
        following.send_event("PROGRESS", progress=58)
        following.run("breakOff")
        self.assertEqual((following.sources, following.requests), ([], [{"url": TASK_URL}]))
        following.answer_task("PROGRESS", progress=66)
        self.assertEqual(following.shown, ("66 %", 66, False))
        self.assertEqual(following.timers, [500])

    def test_accepted(self) -> None:
        waiting = self.submit_without_events()
        self.assertEqual(waiting.requests, [{"url": TASK_URL}])

    def test_not_accepted(self) -> None:
        browser = self.browser
        browser.run("submit")
        browser.answer(400, {"error": "year must be an integer from 2000 to 2100"})
        text = "Not accepted: year must be an integer from 2000 to 2100"
        self.assertEqual(browser.shown, (text, None, True))
        self.assertEqual((browser.requests, browser.timers), ([], []))

    def test_no_server(self) -> None:
        browser = self.browser
        browser.run("submit")
        browser.run("fail")
        self.assertEqual(browser.shown, ("The server does not answer.", None, True))

    def test_progress(self) -> None:
        waiting = self.submit_without_events()
        waiting.answer_task("PENDING")
        self.assertEqual(waiting.shown, ("0 %", 0, False))
        self.assertEqual((waiting.requests, waiting.timers), ([], [500]))
        waiting.run("tick")
        self.assertEqual(waiting.requests, [{"url": TASK_URL}])
        waiting.answer_task("PROGRESS", progress=58)
        self.assertEqual(waiting.shown, ("58 %", 58, False))
        self.assertEqual(waiting.timers, [500])

    def test_success(self) -> None:
        waiting = self.submit_without_events()
        waiting.answer_task("SUCCESS", progress=100, result={"orders": 3, "total_cents": 190500})
        self.assertEqual(waiting.shown, ("3 orders, 1905.00 in total", None, True))
        self.assertEqual(waiting.timers, [])

    def test_failure(self) -> None:
        waiting = self.submit_without_events()
        waiting.answer_task("FAILURE", error="no orders in 2026")
        self.assertEqual(waiting.shown, ("The report failed: no orders in 2026", None, True))
        self.assertEqual(waiting.timers, [])

    def test_unknown_report(self) -> None:
        waiting = self.submit_without_events()
        waiting.answer(404, {"error": "no such task"})
        self.assertEqual(waiting.shown, ("The report failed: no such task", None, True))
        self.assertEqual(waiting.timers, [])

    def test_connection_lost(self) -> None:
        waiting = self.submit_without_events()
        waiting.answer_task("PROGRESS", progress=58)
        waiting.run("tick")
        waiting.run("fail")
        self.assertEqual(waiting.shown, ("No connection, trying again …", 58, False))
        self.assertEqual((waiting.timers, waiting.errors), ([500], []))
        waiting.run("tick")
        self.assertEqual(waiting.requests, [{"url": TASK_URL}])

    def test_no_answer_about_the_task(self) -> None:
        for status, body in (
            (503, '{"error": "try again later"}'),
            (502, "<h1>Bad Gateway</h1>"),
            (200, "<h1>Back</h1>"),
        ):
            with self.subTest(status):
                self.browser = self.load()
                waiting = self.submit_without_events()
                waiting.run("answer", status, body)
                self.assertEqual(waiting.shown, ("No connection, trying again …", 0, False))
                self.assertEqual(waiting.timers, [500])

"""The scripts, in a JavaScript engine."""

import json
from pathlib import Path
from typing import Any

import quickjs

HERE = Path(__file__).parent


class Browser:
    """A browser with one script of the shop."""

    def __init__(self, name: str) -> None:
        """Load the script."""
        self.context = quickjs.Context()
        self.context.eval((HERE / "browser.js").read_text("utf-8"))
        script = HERE.parent / "shop" / "static" / name
        self.context.eval(script.read_text("utf-8"))

    def run(self, call: str, *args: str) -> None:
        """Call a function of browser.js."""
        self.context.eval(f"browser.{call}({', '.join(map(json.dumps, args))})")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        """Return a part of the state."""
        return json.loads(self.context.eval("browser.state()"))[name]


def news(number: int) -> str:
    """Return a notification, as the server sends it."""
    return json.dumps({"id": number, "text": f"<b>news {number}</b>"})


def test_notifications() -> None:
    browser = Browser("notifications.js")
    assert browser.open == ["wss://shop.example/notifications"]
    browser.run("event", "open", "")
    browser.run("event", "message", news(1))
    browser.run("event", "message", news(2))
    browser.run("event", "message", news(1))
    assert browser.shown == ["<b>news 1</b>", "<b>news 2</b>"]
    assert browser.sent == ['{"read":1}', '{"read":2}', '{"read":1}']


def test_a_lost_connection() -> None:
    browser = Browser("notifications.js")
    waits = []
    for _ in range(8):
        browser.run("lose")
        waits += browser.timers
        browser.run("tick")
        assert browser.open == ["wss://shop.example/notifications"]
    assert waits == [1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]
    browser.run("event", "open", "")
    browser.run("lose")
    assert browser.timers == [1000]


def test_imports() -> None:
    browser = Browser("imports.js")
    browser.context.eval('follow("/imports/7d5e/events")')
    assert browser.open == ["/imports/7d5e/events"]
    browser.run("event", "message", '"490: imported"')
    assert browser.shown == ["490: imported"]
    browser.run("event", "end", '""')
    assert browser.open == []

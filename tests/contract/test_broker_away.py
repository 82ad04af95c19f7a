"""While nobody answers at the broker's address, nothing is a 500 and nothing is half done."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shops import Shop

QUICK = 5  # seconds that a request may take; the defaults of Celery would need 20


def test_an_order_is_saved(shop: Shop) -> None:
    """The customer is told that the order stands: its receipt comes later."""
    begin = time.monotonic()
    first, second = shop.order(), shop.order()
    assert second == first + 1
    assert time.monotonic() - begin < 2 * QUICK
    assert shop.mail.messages == []
    (log,) = shop.logs
    # Django's own words for a function that on_commit() has called.
    assert any(words in log.read_text() for words in (f"{first} is announced later", "on_commit"))


def test_what_cannot_begin(shop: Shop) -> None:
    """Everything that is only a task asks the client to try again."""
    requests = [
        ("/reports", {"json": {"year": 2026}}),
        ("/images", {"files": {"image": ("photo.png", b"no picture")}}),
        ("/users/1/archive", {}),
    ]
    for path, arguments in requests:
        begin = time.monotonic()
        answer = shop.http.post(path, **arguments)  # type: ignore[arg-type]
        assert answer.status_code == 503, (path, answer.text)
        assert answer.json() == {"error": "try again later"}
        assert answer.headers["Retry-After"] == "30"
        assert time.monotonic() - begin < QUICK, path


def test_what_needs_no_broker(shop: Shop) -> None:
    """The page and the refusals are as always."""
    assert shop.http.get("/").status_code == 200
    assert shop.http.post("/reports", json={"year": 1}).status_code == 400
    assert shop.http.post("/orders", json={"user_id": 404, "total_cents": 1}).status_code == 404

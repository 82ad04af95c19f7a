"""Tasks that a client asks about: reports and images, their states, their events, their end."""

from __future__ import annotations

import io
import json
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx2
import pytest
from PIL import Image
from shops import MAX_BODY, SECONDS

if TYPE_CHECKING:
    from shops import Shop

KEYS = {"id", "state", "progress", "result", "error"}
STATES = {"PENDING", "STARTED", "PROGRESS", "RETRY", "SUCCESS", "FAILURE", "REVOKED"}
NO_TASKS = [str(uuid4()), "1", "x", "../orders", "%00", "a" * 300, str(uuid4()).upper()]


def started(answer: Any) -> str:  # noqa: ANN401 - of the HTTP client
    """Check the answer to a request that starts a task; return where to ask."""
    assert answer.status_code == 202, answer.text
    (task_id,) = answer.json().values()
    assert answer.json() == {"id": str(UUID(task_id))}
    assert answer.headers["Location"] == f"/tasks/{task_id}"
    return answer.headers["Location"]


def check(state: dict[str, Any]) -> None:
    """Check what is true of every state."""
    assert set(state) == KEYS
    assert state["state"] in STATES
    assert 0 <= state["progress"] <= 100
    assert (state["error"] is None) == (state["state"] not in {"FAILURE", "REVOKED", "RETRY"})


def png(width: int = 400, height: int = 300) -> bytes:
    """Return a picture."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, "PNG")
    return file.getvalue()


def test_a_report(shop: Shop) -> None:
    """A report ends with its numbers."""
    shop.order()
    year = time.gmtime().tm_year
    state = shop.ended(started(shop.http.post("/reports", json={"year": year})))
    check(state)
    assert (state["state"], state["progress"], state["error"]) == ("SUCCESS", 100, None)
    assert set(state["result"]) == {"orders", "total_cents"}
    assert state["result"]["orders"] >= 1
    assert state["result"]["total_cents"] >= 1905


def test_a_report_that_fails(shop: Shop) -> None:
    """The failure belongs to the task: asking for it is a 200, with the reason."""
    state = shop.ended(started(shop.http.post("/reports", json={"year": 2000})))
    check(state)
    expected = {"state": "FAILURE", "progress": 0, "result": None, "error": "no orders in 2000"}
    assert state == {"id": state["id"], **expected}


@pytest.mark.parametrize("year", [None, "2026", True, 2026.0, 1999, 2101, -1, 10**400, [2026], {}])
def test_a_wrong_report(shop: Shop, year: object) -> None:
    """It is refused with a reason."""
    answer = shop.http.post("/reports", json={"year": year})
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("task_id", NO_TASKS)
def test_no_such_task(shop: Shop, task_id: str, method: str) -> None:
    """An id that the shop has not given out is a 404, for the state, the events and the end."""
    answer = shop.http.request(method, f"/tasks/{task_id}")
    # `..` leads to another address.
    assert answer.status_code in ({405} if "orders" in task_id else {404}), answer.text
    assert list(answer.json()) == ["error"]
    if method == "GET" and "orders" not in task_id:
        assert shop.http.get(f"/tasks/{task_id}/events").status_code == 404


def test_the_id_of_somebody_elses_task(shop: Shop) -> None:
    """The id of a task that no client has started, such as a receipt, is not in the table."""
    answer = shop.http.get(f"/tasks/{uuid4()}")
    assert answer.json() == {"error": answer.json()["error"]}
    assert answer.status_code == 404


def test_events(shop: Shop) -> None:
    """The events begin with the state of now, change each time, and end with the end."""
    location = started(shop.http.post("/reports", json={"year": 2000}))
    with shop.http.stream("GET", f"{location}/events") as answer:
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].split(";")[0] == "text/event-stream"
        lines = list(answer.iter_lines())
    states = [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data")]
    for state in states:
        check(state)
    assert all(one != other for one, other in pairwise(states))
    assert states[-1] == shop.http.get(location).json()
    assert states[-1]["state"] == "FAILURE"


def test_events_of_a_task_that_is_over(shop: Shop) -> None:
    """There is one."""
    location = started(shop.http.post("/reports", json={"year": 2000}))
    state = shop.ended(location)
    answer = shop.http.get(f"{location}/events")
    events = [line for line in answer.text.splitlines() if line.startswith("data: ")]
    assert [json.loads(event.removeprefix("data: ")) for event in events] == [state]


def test_cancel_what_is_over(shop: Shop) -> None:
    """It is too late, and no error; doing it again is none either."""
    location = started(shop.http.post("/reports", json={"year": 2000}))
    state = shop.ended(location)
    for _ in range(2):
        answer = shop.http.delete(location)
        assert answer.status_code == 202
        assert answer.json() == {"id": state["id"]}
    assert shop.http.get(location).json() == state


def test_an_image(shop: Shop) -> None:
    """An upload becomes a thumbnail."""
    files = {"image": ("../../photo.png", png(), "text/html")}
    location = started(shop.http.post("/images", files=files))
    state = shop.ended(location)
    assert state["state"] == "SUCCESS"
    assert set(state["result"]) == {"width", "height"}
    answer = shop.http.get(f"/images/{state['id']}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/png"
    size = Image.open(io.BytesIO(answer.content)).size
    assert size == (state["result"]["width"], state["result"]["height"])
    assert max(size) < 400


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"<svg/>", png()[:100], b"GIF89a" + b"0" * 9]
)
def test_no_image(shop: Shop, content: bytes) -> None:
    """What is no picture fails in the task, with a reason, and there is no thumbnail."""
    answer = shop.http.post("/images", files={"image": ("photo.png", content, "image/png")})
    state = shop.ended(started(answer))
    assert (state["state"], state["result"]) == ("FAILURE", None)
    assert state["error"]
    assert "Error" not in state["error"], "an internal name"
    assert shop.http.get(f"/images/{state['id']}").status_code == 404


def test_an_upload_without_a_file(shop: Shop) -> None:
    """It is refused, whatever it has in place of the file."""
    for arguments in (
        {"files": {"other": ("a", b"b")}},
        {"data": {"image": "text"}},
        {"json": {"image": "text"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
        {},
    ):
        answer = shop.http.post("/images", **arguments)  # type: ignore[arg-type]
        assert answer.status_code == 400, (arguments, answer.text)
        assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("image_id", NO_TASKS)
def test_no_such_image(shop: Shop, image_id: str) -> None:
    """An id without a thumbnail is a 404."""
    if "orders" not in image_id:
        assert shop.http.get(f"/images/{image_id}").status_code == 404


@pytest.mark.parametrize("path", ["/orders", "/reports", "/images"])
def test_a_request_that_is_too_large(shop: Shop, path: str) -> None:
    """It is refused by its size, before anything is made of it."""
    body, kind = b" " * (MAX_BODY + 1), {"Content-Type": "application/json"}
    # gunicorn closes a connection of which it has not read all, so nobody else may use this one.
    with httpx2.Client(base_url=shop.http.base_url, timeout=SECONDS) as http:
        answer = http.post(path, content=body, headers=kind)
    assert answer.status_code in ({413} if path != "/images" else {400, 413})
    assert list(answer.json()) == ["error"]


def test_the_page(shop: Shop) -> None:
    """The page has the form, and loads what it needs from this server only."""
    answer = shop.http.get("/")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "<progress" in answer.text
    assert "http" not in answer.text.replace("http-equiv", "")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/orders", 405),
        ("PUT", "/reports", 405),
        ("PATCH", "/images", 405),
        ("POST", "/tasks/1", 404),
        ("GET", "/users/1/archive", 405),
        ("GET", "/nothing", 404),
        ("POST", "/orders/", 404),
    ],
)
def test_what_is_not_there(shop: Shop, method: str, path: str, status: int) -> None:
    """Errors of the routing have the same shape, and say which methods there are."""
    answer = shop.http.request(method, path)
    assert answer.status_code in ({status, 405} if path == "/tasks/1" else {status}), answer.text
    assert list(answer.json()) == ["error"]
    assert ("Allow" in answer.headers) is (answer.status_code == 405)

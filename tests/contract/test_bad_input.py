"""Input that nobody meant: it gets a clear 4xx, never a 500, and leaves nothing half done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

    from shops import Shop

EXAMPLES = 12  # of random input, in each lane
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
ODD_BODIES = {
    "nothing": b"",
    "deep": b"[" * 100_000,
    "deep objects": b'{"year":' * 50_000 + b"1" + b"}" * 50_000,
    "no text": b"\xff\xfe\x00",
    "many digits": b'{"year": ' + b"9" * 10_000 + b', "user_id": 1, "total_cents": 1}',
    "infinity": b'{"year": 1e400, "user_id": 1e400, "total_cents": 1}',
    "not a number": b'{"year": NaN, "user_id": NaN, "total_cents": NaN}',
    "half a character": b'{"year": "\\ud800", "user_id": "\\ud800"}',
    "UTF-16": json.dumps({"year": "x"}).encode("utf-16"),
    "two documents": b'{"year": "x"} {"year": "x"}',
    "a comment": b"/* */ {}",
    "NUL": b'{"year": "\\u0000", "user_id": "\\u0000"}\x00',
}
JSON = {"Content-Type": "application/json"}


def check_refusal(answer: Any) -> None:  # noqa: ANN401 - of the HTTP client
    """Check the one shape that every error has."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert isinstance(answer.json()["error"], str)


def check_many(
    shop: Shop, check: Callable[..., None], **strategies: st.SearchStrategy[Any]
) -> None:
    """Check random input. Each lane has examples of its own, the same in each run, so a failure can be repeated."""
    some = settings(
        database=None,
        deadline=None,
        max_examples=EXAMPLES,
        suppress_health_check=[HealthCheck.too_slow],
    )
    seed(shop.lane)(some(given(**strategies)(check)))()


@pytest.mark.parametrize("path", ["/orders", "/reports"])
@pytest.mark.parametrize("name", ODD_BODIES)
def test_odd_bodies(shop: Shop, path: str, name: str) -> None:
    """What is no JSON, or JSON that few have thought of, is a 400."""
    before = shop.order()
    answer = shop.http.post(path, content=ODD_BODIES[name], headers=JSON)
    check_refusal(answer)
    assert answer.status_code == 400
    assert shop.order() == before + 1


def test_any_json(shop: Shop) -> None:
    """Whatever the JSON is, the answer is one that the README names."""

    def check(value: object) -> None:
        for path in ("/orders", "/reports"):
            answer = shop.http.post(path, content=json.dumps(value), headers=JSON)
            if answer.status_code not in {201, 202}:
                check_refusal(answer)

    check_many(shop, check, value=VALUES)


def test_any_order(shop: Shop) -> None:
    """An order is saved whole, or refused; there is nothing in between."""

    def check(user_id: object, total_cents: object, more: dict[str, Any]) -> None:
        before = shop.order()
        body = {**more, "user_id": user_id, "total_cents": total_cents}
        answer = shop.http.post("/orders", content=json.dumps(body), headers=JSON)
        saved = answer.status_code == 201
        if saved:
            order = {"id": before + 1, "user_id": user_id, "total_cents": total_cents}
            assert answer.json() == order
            assert user_id in (1, 2)
        else:
            check_refusal(answer)
        assert shop.order() == before + 1 + saved

    check_many(
        shop,
        check,
        user_id=VALUES | st.integers(-1, 2**32),
        total_cents=VALUES | st.integers(-1, 10_000_002),
        more=st.dictionaries(st.text(), VALUES, max_size=2),
    )


def test_any_bytes(shop: Shop) -> None:
    """Bytes that are no JSON are refused, whatever they call themselves."""

    def check(data: bytes) -> None:
        for path in ("/orders", "/reports", "/images"):
            for kind in ("application/json", "text/plain", "multipart/form-data; boundary=b"):
                answer = shop.http.post(path, content=data, headers={"Content-Type": kind})
                if answer.status_code not in {201, 202}:
                    check_refusal(answer)

    check_many(shop, check, data=st.binary(max_size=200))


def test_any_id(shop: Shop) -> None:
    """Whatever stands in the place of an id, it is unknown, or no address at all."""

    def check(part: str) -> None:
        if part in {".", ".."} or part.isdecimal():
            return  # another address; a customer
        try:
            name = quote(part, safe="")
        except UnicodeEncodeError:
            return  # no text that a client can send
        for method, path in (
            ("GET", f"/tasks/{name}"),
            ("DELETE", f"/tasks/{name}"),
            ("GET", f"/tasks/{name}/events"),
            ("POST", f"/users/{name}/archive"),
        ):
            answer = shop.http.request(method, path)
            check_refusal(answer)
            assert answer.status_code in {404, 405}, (path, answer.status_code)

    check_many(shop, check, part=st.text(min_size=1, max_size=50))


def test_any_upload(shop: Shop) -> None:
    """An upload begins a task that fails, or is refused."""

    def check(name: str, content: bytes, kind: str) -> None:
        try:
            files = {"image": (name, content, kind)}
            answer = shop.http.post("/images", files=files)
        except UnicodeEncodeError:
            return
        if answer.status_code == 202:
            assert shop.ended(answer.headers["Location"])["state"] == "FAILURE"
        else:
            check_refusal(answer)

    check_many(
        shop,
        check,
        name=st.text(max_size=30),
        content=st.binary(max_size=60),
        kind=st.text("a/b;=", max_size=9),
    )

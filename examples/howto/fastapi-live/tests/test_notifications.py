"""Notifications over a WebSocket."""

import asyncio
import time
from collections.abc import Callable, Iterator
from unittest.mock import AsyncMock

import pytest
from celery import Task
from fastapi.testclient import TestClient
from fastapi.websockets import WebSocket, WebSocketDisconnect
from shop import bell
from shop import notifications as everything
from shop.config import Settings
from shop.notifications import mark_read, notify, unread
from shop.routers import notifications
from shop.sign_in import sign_in
from shop.tasks import make_report
from starlette.testclient import WebSocketTestSession

ORIGIN = "http://127.0.0.1:8000"
Ended = Callable[[Task], str]


def connect(client: TestClient, cookie: str, origin: str = ORIGIN) -> WebSocketTestSession:
    """Return a connection, to be opened by ``with``."""
    headers = {"Origin": origin, "Cookie": f"__Host-shop={cookie}"}
    return client.websocket_connect("/notifications", headers=headers)


@pytest.fixture
def socket(client: TestClient) -> Iterator[WebSocketTestSession]:
    """Return an open connection of customer 7."""
    with connect(client, sign_in(7)) as socket:
        yield socket


def test_a_report_is_ready(socket: WebSocketTestSession) -> None:
    make_report.delay(7, 2026)
    assert socket.receive_json() == {"id": 1, "text": "The report of 2026 is ready."}


def test_what_came_before(client: TestClient) -> None:
    notify(7, "while you were away")
    notify(8, "for somebody else")
    with connect(client, sign_in(7)) as socket:
        assert socket.receive_json() == {"id": 1, "text": "while you were away"}
        notify(7, "one more")
        assert socket.receive_json() == {"id": 3, "text": "one more"}


def test_what_was_read_does_not_come_again(client: TestClient) -> None:
    cookie = sign_in(7)
    notify(7, "once")
    for _ in ("shown, and the connection broke", "again"):
        with connect(client, cookie) as socket:
            assert socket.receive_json()["text"] == "once"
    with connect(client, cookie) as socket:
        socket.send_json({"read": socket.receive_json()["id"]})
        notify(7, "next")
        assert socket.receive_json()["text"] == "next"
    assert [news.text for news in unread(7)] == ["next"]


def test_the_bell_rings_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[str, int]] = []
    monkeypatch.setattr(everything, "ring", lambda topic: found.append((topic, len(unread(7)))))
    notify(7, "news")
    mark_read(7, 1)
    assert found == [("customer:7", 1), ("customer:7", 0)]


def test_nobody_reads_for_somebody_else() -> None:
    notify(7, "private")
    mark_read(8, 1)
    assert [news.text for news in unread(7)] == ["private"]
    mark_read(7, 1)
    assert unread(7) == []


def test_more_than_a_hundred(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert everything.AT_A_TIME == 100
    monkeypatch.setattr(everything, "AT_A_TIME", 2)
    for number in (1, 2, 3):
        notify(7, f"news {number}")
    assert [news.id for news in unread(7)] == [1, 2]
    with connect(client, sign_in(7)) as socket:
        assert [socket.receive_json()["id"], socket.receive_json()["id"]] == [1, 2]
        socket.send_json({"read": 1})
        assert socket.receive_json()["id"] == 3


def refusal(client: TestClient, cookie: str, origin: str = ORIGIN) -> int:
    """Return the code with which the shop refuses a connection."""
    with pytest.raises(WebSocketDisconnect) as refused, connect(client, cookie, origin):
        pytest.fail("it was accepted")
    return refused.value.code


@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1:8001", ""])
def test_another_site_gets_no_connection(client: TestClient, origin: str) -> None:
    assert refusal(client, sign_in(7), origin) == 1008


def test_a_connection_without_origin(client: TestClient) -> None:
    headers = {"Cookie": f"__Host-shop={sign_in(7)}"}
    connection = client.websocket_connect("/notifications", headers=headers)
    with pytest.raises(WebSocketDisconnect) as refused, connection:
        pytest.fail("it was accepted")
    assert refused.value.code == 1008


@pytest.mark.parametrize("cookie", ["", "guessed"])
def test_nobody_without_sign_in(client: TestClient, cookie: str) -> None:
    sign_in(7)
    assert refusal(client, cookie) == 1008


def test_the_origin_is_a_setting(client: TestClient, settings: Settings) -> None:
    settings.origin = "https://shop.example"
    with connect(client, sign_in(7), "https://shop.example"):
        pass


@pytest.mark.parametrize("text", ["", '{"read": "x"}', "hello"])
def test_something_else_ends_the_connection(socket: WebSocketTestSession, text: str) -> None:
    socket.send_text(text)
    with pytest.raises(WebSocketDisconnect) as ended:
        socket.receive_json()
    assert ended.value.code == 1008


def test_bytes_end_the_connection(socket: WebSocketTestSession) -> None:
    socket.send_bytes(b"\x00")
    with pytest.raises(WebSocketDisconnect) as ended:
        socket.receive_json()
    assert ended.value.code == 1008


def test_five_connections(client: TestClient) -> None:
    cookie = sign_in(7)
    bell.waiting["customer:7"] = {asyncio.Event() for _ in range(4)}
    with connect(client, cookie):
        assert refusal(client, cookie) == 1013
        with connect(client, sign_in(8)):
            pass
    bell.waiting.clear()


def test_a_client_that_goes_leaves_nothing(client: TestClient) -> None:
    with connect(client, sign_in(7)):
        assert list(bell.waiting) == ["customer:7"]
    assert bell.waiting == {}


def test_a_ring_is_heard_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rings = iter([True, False])

    async def pause(event: asyncio.Event) -> None:
        assert not event.is_set()
        if not next(rings):
            raise TimeoutError
        event.set()

    monkeypatch.setattr(bell, "pause", pause)
    with pytest.raises(TimeoutError):
        asyncio.run(notifications.send_unread(None, 7, asyncio.Event()))


def test_a_client_that_takes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        async def send_text(self, _: str) -> None:
            await asyncio.sleep(60)

    assert notifications.SEND_SECONDS == 10
    monkeypatch.setattr(notifications, "SEND_SECONDS", 0.01)
    notify(7, "too much")
    with pytest.raises(TimeoutError):
        asyncio.run(notifications.send_unread(Slow(), 7, asyncio.Event()))


def test_the_endpoint_lets_such_a_client_go(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WebSocket, "send_text", AsyncMock(side_effect=TimeoutError))
    notify(7, "too much")
    with connect(client, sign_in(7)):
        while bell.waiting:
            time.sleep(0.01)
    assert [news.text for news in unread(7)] == ["too much"]

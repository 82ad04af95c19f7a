"""A real server and real clients."""

import json
import runpy
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
import uvicorn
from shop.config import Settings
from shop.database import Import, new_session
from shop.main import create_app
from shop.notifications import notify, unread
from shop.sign_in import COOKIE, sign_in
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

LISTEN = str(Path(__file__).parents[1] / "listen.py")


@contextmanager
def server(**options: object) -> Iterator[str]:
    """Run uvicorn in a thread, and give where the notifications are."""
    config = uvicorn.Config(create_app(), port=0, log_config=None, **options)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/notifications"
    server.should_exit = True
    thread.join()


def run_listen(url: str, cookie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run listen.py with a cookie."""
    monkeypatch.setattr("sys.argv", ["listen.py", url])
    monkeypatch.setenv("COOKIE", cookie)
    runpy.run_path(LISTEN, run_name="__main__")


def test_listen(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notify(7, "The report of 2026 is ready.")
    with server() as url:
        settings.origin = f"http://{urlsplit(url).netloc}"
        cookie = f"{COOKIE}={sign_in(7)}"
        listening = Thread(target=run_listen, args=(url, cookie, monkeypatch))
        listening.start()
        deadline = time.monotonic() + 10
        while unread(7) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert unread(7) == []
    listening.join(10)
    assert capsys.readouterr().err == "connected\nThe report of 2026 is ready.\n"


def test_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with server() as url:
        with pytest.raises(InvalidStatus, match="HTTP 403"):
            run_listen(url, f"{COOKIE}={sign_in(7)}", monkeypatch)  # the origin is another one
        settings.origin = f"http://{urlsplit(url).netloc}"
        with pytest.raises(InvalidStatus, match="HTTP 403"):
            run_listen(url, f"{COOKIE}=guessed", monkeypatch)


def test_a_message_that_is_wrong(settings: Settings) -> None:
    with server() as url:
        settings.origin = f"http://{urlsplit(url).netloc}"
        headers = {"Cookie": f"{COOKIE}={sign_in(7)}"}
        with connect(url, origin=settings.origin, additional_headers=headers) as websocket:
            websocket.send(json.dumps({"read": "all"}))
            with pytest.raises(ConnectionClosed) as ended:
                websocket.recv(timeout=10)
    assert ended.value.rcvd.code == 1008


def test_a_server_that_stops(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "uvicorn")
    import_id = "3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"
    with new_session.begin() as session:
        session.add(Import(id=import_id))
    with ExitStack() as opened:
        with server(timeout_graceful_shutdown=0.1) as url:
            address = urlsplit(url).netloc
            settings.origin = f"http://{address}"
            headers = {"Cookie": f"{COOKIE}={sign_in(7)}"}
            socket = connect(url, origin=settings.origin, additional_headers=headers)
            websocket = opened.enter_context(socket)
            stream = opened.enter_context(closing(HTTPConnection(address)))
            stream.request("GET", f"/imports/{import_id}/events")
            answer = opened.enter_context(stream.getresponse())
            assert answer.status == 200
        with pytest.raises(ConnectionClosed) as ended:
            websocket.recv(timeout=10)
        assert ended.value.rcvd.code == 1012
    assert "Waiting for connections to close. (CTRL+C to force quit)" in caplog.messages
    assert "Cancel 1 running task(s), timeout graceful shutdown exceeded" in caplog.messages

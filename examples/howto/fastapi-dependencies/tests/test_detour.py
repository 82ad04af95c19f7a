"""What becomes of a task that calls an endpoint of its own app."""

import time
from collections.abc import Iterator
from threading import Thread

import detour
import httpx2
import pytest
import uvicorn
from detour import app, written
from fastapi.testclient import TestClient
from shop.main import app as shop_app


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Start one web process, and return its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def wait_until_written(order_id: int) -> None:
    """Give the server a moment."""
    deadline = time.monotonic() + 5
    while order_id not in written:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.usefixtures("worker")
def test_the_task_and_the_endpoint_wait_for_each_other(server: str) -> None:
    assert httpx2.post(f"{server}/async-def/1").status_code == 500  # ReadTimeout
    wait_until_written(1)  # after the task has failed


@pytest.mark.usefixtures("worker")
def test_threads_put_it_off_until_all_of_them_wait(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patient:
        patient.setattr(detour, "SECONDS", 5)
        assert httpx2.post(f"{server}/threads/2").status_code == 200
        assert httpx2.post(f"{server}/def/2").status_code == 200
    assert httpx2.post(f"{server}/threads/1").status_code == 200
    assert httpx2.post(f"{server}/def/3").status_code == 500
    wait_until_written(3)


def test_the_endpoint_does_not_know_who_asks() -> None:
    assert TestClient(shop_app).post("/orders/1/invoice").status_code == 401


@pytest.mark.usefixtures("worker")
def test_the_client_names_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def post(url: str, *, timeout: float) -> httpx2.Response:
        asked.append((url, timeout))
        return httpx2.Response(200, request=httpx2.Request("POST", url))

    monkeypatch.setattr(httpx2, "post", post)
    TestClient(app).post("/def/4", headers={"Host": "elsewhere.example"})
    assert asked == [("http://elsewhere.example/internal/4", detour.SECONDS)]


@pytest.mark.usefixtures("worker")
def test_a_refusal_fails_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(url: str, **_: object) -> httpx2.Response:
        return httpx2.Response(401, request=httpx2.Request("POST", url))

    monkeypatch.setattr(httpx2, "post", refuse)
    client = TestClient(app, raise_server_exceptions=False)
    assert client.post("/def/5").status_code == 500

"""A web server in a thread: who waits for whom."""

from collections.abc import Iterator
from socket import create_connection, create_server
from threading import Event, Thread

import httpx2
import pytest
import uvicorn
from shop import labels
from shop.main import app

from conftest import Printer


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Start a web server."""
    with create_server(("127.0.0.1", 0)) as sock:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = Thread(target=server.run, args=([sock],))
        thread.start()
        yield sock.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture
def web(port: int) -> Iterator[httpx2.Client]:
    """Send requests, each on a connection of its own, and wait for the answers."""
    limits = httpx2.Limits(max_keepalive_connections=0)
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, limits=limits) as web:
        yield web


def hangs(web: httpx2.Client, path: str) -> bool:
    """Tell whether there is no answer within a tenth of a second."""
    try:
        web.get(path, timeout=0.1)
    except httpx2.ReadTimeout:
        return True
    return False


@pytest.mark.parametrize("how", ["background", "celery", "celery-surely", "create-task"])
def test_the_client_is_gone(worker: None, printer: Printer, port: int, how: str) -> None:
    with create_connection(("127.0.0.1", port)) as gone:
        gone.sendall(f"POST /labels/1/{how} HTTP/1.1\r\nHost: shop\r\n\r\n".encode())
    printer.wait_for(1)
    printer.give_paper(1)
    printer.wait_for_label(1)


def test_a_def_task_lets_others_go_on(printer: Printer, web: httpx2.Client) -> None:
    assert web.post("/labels/1/background").status_code == 202
    printer.wait_for(1)
    assert web.get("/health").json() == "ok"
    printer.give_paper(1)
    printer.wait_for_label(1)


def test_an_async_def_task_stops_all_others(printer: Printer, web: httpx2.Client) -> None:
    assert web.post("/labels/1/on-the-loop").status_code == 202
    printer.wait_for(1)
    assert hangs(web, "/health")
    printer.give_paper(1)
    assert web.get("/health").json() == "ok"


def test_forty_def_tasks_stop_the_def_endpoints(
    web: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = Event()
    monkeypatch.setattr(labels, "print_label", lambda _: paper.wait(timeout=30))
    for order_id in range(40):
        assert web.post(f"/labels/{order_id}/background").status_code == 202
    assert web.get("/health").json() == "ok"
    assert hangs(web, "/stock")
    paper.set()
    assert web.get("/stock").json() == 3

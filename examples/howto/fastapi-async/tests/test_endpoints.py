"""The endpoints: none of them talks to Celery on the event loop."""

import asyncio
import gc
import threading
from collections.abc import Callable

import pytest
from celery import Celery, Task
from celery.app.control import Control
from celery.backends.base import KeyValueStoreBackend
from fastapi.concurrency import run_in_threadpool
from fastapi.testclient import TestClient
from shop.routers import reports
from shop.tasks import tell_partners

NOBODY = "92275814-b856-4f88-80ff-cf40a8220fa2"


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of Celery's blocking functions that were called, none of them on a loop."""
    names: list[str] = []

    def watch(owner: type, name: str) -> None:
        original: Callable[..., object] = getattr(owner, name)

        def watched(*args: object, **kwargs: object) -> object:
            with pytest.raises(RuntimeError, match="no running event loop"):
                asyncio.get_running_loop()
            names.append(name)
            return original(*args, **kwargs)

        monkeypatch.setattr(owner, name, watched)

    watch(Task, "apply_async")
    watch(Control, "revoke")
    watch(KeyValueStoreBackend, "get_task_meta")
    return names


@pytest.mark.parametrize("path", ["/orders/1/receipt", "/orders/1/copy"])
def test_receipts(client: TestClient, called: list[str], path: str) -> None:
    answer = client.post(path)
    assert answer.status_code == 202
    assert len(answer.json()["task_id"]) == 36
    assert called == ["apply_async"]


def test_a_report(client: TestClient) -> None:
    answer = client.post("/reports/2026")
    assert answer.status_code == 202
    task_id = answer.json()["task_id"]
    soon = client.get(f"/reports/{task_id}/soon").json()
    assert soon == {"state": "SUCCESS", "result": "report of 2026"}
    assert client.get(f"/reports/{task_id}").json() == soon


def test_a_state_is_read_once(client: TestClient, called: list[str]) -> None:
    answer = client.get(f"/reports/{NOBODY}")
    assert answer.json() == {"state": "PENDING", "result": None}
    assert called == ["get_task_meta"]


def test_waiting_ends(
    client: TestClient, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(reports.asyncio, "sleep", sleep)
    assert client.get(f"/reports/{NOBODY}/soon").json()["state"] == "PENDING"
    assert waited == [0.1] * 100
    assert called == ["get_task_meta"] * 101


@pytest.mark.parametrize("state", ["SUCCESS", "FAILURE", "REVOKED"])
def test_waiting_ends_at_the_end(
    client: TestClient, called: list[str], celery_app: Celery, state: str
) -> None:
    celery_app.backend.store_result(NOBODY, ValueError() if state != "SUCCESS" else 1, state)
    answer = client.get(f"/reports/{NOBODY}/soon").json()
    celery_app.backend.forget(NOBODY)
    assert answer == {"state": state, "result": 1 if state == "SUCCESS" else None}
    assert called == ["get_task_meta"]


def test_a_report_is_called_off(
    client: TestClient, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    revoked: list[dict[str, str]] = []
    with monkeypatch.context() as patch:
        patch.setattr(Control, "broadcast", lambda *_, **kw: revoked.append(kw["arguments"]))
        assert client.delete(f"/reports/{NOBODY}").status_code == 202
    assert revoked[0]["task_id"] == NOBODY
    assert called == ["revoke"]


@pytest.mark.filterwarnings("ignore:coroutine 'tell_all' was never awaited")
def test_eager_mode_needs_a_thread_without_a_loop(partner: type) -> None:
    async def wrong() -> None:
        tell_partners.run(1)  # what .delay() does in eager mode

    async def right() -> list[str]:
        return await run_in_threadpool(tell_partners.run, 1)

    assert len(asyncio.run(right())) == 3
    error = r"^asyncio\.run\(\) cannot be called from a running event loop$"
    with pytest.raises(RuntimeError, match=error):
        asyncio.run(wrong())
    gc.collect()


def test_a_timeout_does_not_stop_the_thread() -> None:
    go_on, sent = threading.Event(), threading.Event()

    def send() -> None:
        go_on.wait(timeout=30)
        sent.set()

    async def endpoint() -> None:
        async with asyncio.timeout(0.05):
            await run_in_threadpool(send)

    with pytest.raises(TimeoutError):
        asyncio.run(endpoint())
    assert not sent.is_set()
    go_on.set()  # the broker answers
    assert sent.wait(timeout=30)

"""What the rules about FastAPI find in small projects, and what looks alike and is right."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from celery import Celery, _state

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.project import Project
from checkup.source import read

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[..., int]

load_rules()
HEAD = """
import asyncio
from typing import Annotated, Optional
from celery import Celery, shared_task
from celery.result import AsyncResult
from fastapi import BackgroundTasks, Depends, FastAPI, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy.orm import Session

app = FastAPI()
celery_app = Celery("shop")

class Order(BaseModel):
    pass

def get_session():
    yield None

SessionDep = Annotated[Session, Depends(get_session)]

@celery_app.task
def send(order=None, *args, **kwargs):
    pass

@shared_task
def shared(order=None):
    pass
"""


@pytest.fixture
def found(tmp_path: Path) -> Check:
    """Return how often a rule finds something in a body."""

    def check(code: str, body: str, app: Celery | None = None) -> int:
        file = tmp_path / "shop.py"
        file.write_text(HEAD + dedent(body), encoding="utf-8")
        project = Project(tmp_path, "fastapi", "shop", sources=[read(file, tmp_path)], app=app)
        return len(list(RULES[code].check(project)))

    return check


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["return send.delay(1).get()"], 1),
        (["result = send.delay(1)", "return result.get(timeout=1)"], 1),
        (["result = await run_in_threadpool(send.delay, 1)", "result.wait()"], 1),
        (["return AsyncResult('x').get()"], 1),
        (["result = celery_app.AsyncResult('x')", "return result.get()"], 1),
        (["return send.AsyncResult('x').get()"], 1),
        (["result = AsyncResult('x')", "if result.ready():", "    return result.get()"], 0),
        (["result = AsyncResult('x')", "if result.state == 'SUCCESS':", "    result.get()"], 0),
        (["result = send.delay(1)", "return await run_in_threadpool(result.get)"], 0),
        (["result = send.delay(1)", "return await run_in_threadpool(lambda: result.get())"], 0),
        (["result = {}", "return result.get('x')"], 0),
        (["result = await client.get('x')", "return result.get('y')"], 0),
        (["return AsyncResult('x').state"], 0),
    ],
)
def test_get_in_async_def(found: Check, lines: list[str], count: int) -> None:
    body = "\n".join(["@app.get('/')", "async def read():", *(f"    {line}" for line in lines)])
    assert found("CK701", body) == count
    if "await" not in body:
        assert not found("CK701", body.replace("async def", "def"))


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("@app.post('/')\nasync def f():\n send.delay(1)", 1),
        ("@app.websocket('/')\nasync def f(ws):\n send.apply_async((1,))", 1),
        ("async def user():\n send.delay(1)\n@app.post('/')\ndef f(u=Depends(user)): ...", 1),
        ("async def place():\n send.delay(1)\n@app.post('/')\nasync def f():\n await place()", 1),
        ("@app.middleware('http')\nasync def f(request, call_next):\n send.delay(1)", 1),
        ("@app.post('/')\ndef f():\n send.delay(1)", 0),
        ("@app.post('/')\nasync def f():\n await run_in_threadpool(send.delay, 1)", 0),
        ("@app.post('/')\nasync def f():\n await asyncio.to_thread(lambda: send.delay(1))", 0),
        (
            "@app.post('/')\nasync def f():\n def later():\n  send.delay(1)\n await asyncio.to_thread(later)",
            0,
        ),
        (
            "async def work():\n send.delay(1)\n@celery_app.task\ndef job():\n asyncio.run(work())",
            0,
        ),
        ("async def main():\n send.delay(1)\nasyncio.run(main())", 0),
        ("@celery_app.task\nasync def job():\n send.delay(1)", 0),
    ],
)
def test_delay_in_async_def(found: Check, body: str, count: int) -> None:
    assert found("CK702", body) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("@app.post('/')\ndef f():\n shared.delay(1)", 1),
        ("@app.post('/')\ndef f():\n return AsyncResult('x').state", 1),
        ("def job():\n shared.delay(1)\n@app.post('/')\ndef f():\n job()", 1),
        ("@app.post('/')\nasync def f():\n await run_in_threadpool(shared.delay, 1)", 1),
        ("def user():\n shared.delay(1)\n@app.post('/')\nasync def f(u=Depends(user)): ...", 1),
        ("@app.post('/')\ndef f():\n return AsyncResult('x', app=celery_app).state", 0),
        ("@app.post('/')\ndef f():\n return celery_app.AsyncResult('x').state", 0),
        ("@app.post('/')\ndef f():\n send.delay(1)", 0),
        ("@app.post('/')\nasync def f():\n shared.delay(1)", 0),
        ("@shared_task\ndef f():\n shared.delay(1)", 0),
        ("celery_app.set_default()\n@app.post('/')\ndef f():\n shared.delay(1)", 0),
    ],
)
def test_an_app_that_threads_do_not_find(found: Check, body: str, count: int) -> None:
    assert found("CK703", body, Celery("shop", set_as_current=False)) == count


def test_a_default_app_is_found_by_threads(found: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Celery("shop", set_as_current=False)
    monkeypatch.setattr(_state, "default_app", app)
    body = "@app.post('/')\ndef f():\n shared.delay(1)"
    assert not found("CK703", body, app)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["tasks.add_task(send, 1)"], 1),
        (["more = BackgroundTasks()", "more.add_task(shared, 1)"], 1),
        (["tasks.add_task(send.delay, 1)"], 0),
        (["tasks.add_task(print, 1)"], 0),
        (["send = print", "tasks.add_task(send, 1)"], 0),
        (["scheduler.add_task(send, 1)"], 0),
        (["tasks.add_task(lambda: send.delay(1))"], 0),
    ],
)
def test_a_task_in_background_tasks(found: Check, lines: list[str], count: int) -> None:
    body = ["@app.post('/')", "def f(tasks: BackgroundTasks):", *(f"    {line}" for line in lines)]
    assert found("CK704", "\n".join(body)) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("@celery_app.task\ndef f(a, db=Depends(get_session)): ...", 1),
        ("@shared_task\ndef f(a, db: Annotated[Session, Depends(get_session)]): ...", 1),
        ("@shared_task(bind=True)\ndef f(self, *, db: SessionDep): ...", 1),
        ("@app.post('/')\ndef f(a, db=Depends(get_session)): ...", 0),
        ("@celery_app.task\n@resolve\ndef f(a, db=Depends(get_session)): ...", 0),
        ("from fast_depends import Depends\n@celery_app.task\ndef f(db=Depends(print)): ...", 0),
        ("@celery_app.task\ndef f(a: Annotated[int, 'a number'], b: Optional[int] = None): ...", 0),
        ("@app.post('/')\n@celery_app.task\ndef f(db=Depends(get_session)): ...", 0),
    ],
)
def test_depends_in_a_task(found: Check, body: str, count: int) -> None:
    assert found("CK705", body) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("def f(order: Order):\n send.delay(order)", 1),
        ("def f(order: Optional[Order]):\n send.apply_async(kwargs={'order': order})", 1),
        ("def f(order: Annotated[Order, Depends()]):\n send.delay(order=order)", 1),
        ("def f():\n order = Order()\n send.delay(order)", 1),
        ("def f(data):\n send.delay(Order.model_validate(data))", 1),
        ("def f(order: Order):\n send.delay(order.model_dump(mode='json'))", 0),
        ("def f(order: Order):\n order = order.model_dump(mode='json')\n send.delay(order)", 0),
        (
            "@celery_app.task(pydantic=True)\ndef quote(o: Order): ...\ndef f(o: Order):\n quote.delay(o)",
            0,
        ),
        ("def f(order: 'dict | Order'):\n send.delay(order)", 0),
        ("def f(order: dict):\n send.delay(order)", 0),
        (
            "celery_app.conf.task_serializer = 'pickle'\ndef f(order: Order):\n send.delay(order)",
            0,
        ),
        (
            "@celery_app.task(serializer='pickle')\ndef g(o): ...\ndef f(o: Order):\n g.delay(o)",
            0,
        ),
        ("class Shown(str): ...\ndef f(order: Shown):\n send.delay(order)", 0),
    ],
)
def test_a_model_as_argument(found: Check, body: str, count: int) -> None:
    assert found("CK706", body) == count


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("def f(image: UploadFile):\n send.delay(image)", 1),
        ("def f(request: Request):\n send.apply_async([request])", 1),
        ("def f(db: SessionDep):\n send.delay(1, db)", 1),
        ("def f(db: Session = Depends(get_session)):\n send.delay(db=db)", 1),
        ("def f(image: UploadFile):\n send.delay(image.filename)", 0),
        ("def f(image: UploadFile):\n image = image.filename\n send.delay(image)", 0),
        ("def f(image: bytes):\n send.delay(image)", 0),
        ("class Own: ...\ndef f(db: Own):\n send.delay(db)", 0),
        ("def f(request):\n send.delay(request)", 0),
    ],
)
def test_what_belongs_to_a_request(found: Check, body: str, count: int) -> None:
    assert found("CK707", body) == count


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (["db.add(order)", "db.flush()", "send.delay(order.id)", "db.commit()"], 1),
        (["db.add(order)", "await db.flush()", "send.delay(order.id)", "await db.commit()"], 1),
        (["db.add(order)", "if order.paid:", " send.delay(order.id)", "db.commit()"], 1),
        (["db.add(order)", "db.commit()", "send.delay(order.id)"], 0),
        (["db.add(order)", "db.commit()", "send.delay(order.id)", "db.commit()"], 0),
        (["db.add(order)", "send.delay(other.id)", "db.commit()"], 0),
        (["seen.add(order)", "send.delay(order.id)", "db.commit()"], 0),
        (["db.add(order)", "if x:", " send.delay(order.id)", " raise E", "db.commit()"], 0),
        (["db.add(order)", "later(lambda: send.delay(order.id))", "db.commit()"], 0),
        (["db.add(order)", "db.flush()", "send.delay(order.id)", "if x:", " db.commit()"], 0),
        (
            [
                "db.add(order)",
                "if x:",
                " db.commit()",
                "else:",
                " send.delay(order.id)",
                "db.commit()",
            ],
            0,
        ),
    ],
)
def test_a_send_before_the_commit(found: Check, lines: list[str], count: int) -> None:
    body = "\n".join(["async def place(db, order, other):", *(f"    {line}" for line in lines)])
    assert found("CK708", body) == count

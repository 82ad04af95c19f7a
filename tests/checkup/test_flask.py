"""The rules about Flask: what they find, and what looks alike and is right."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.project import Project, load
from checkup.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator

load_rules()
APP = """from celery import Celery, Task, shared_task
from celery.result import AsyncResult
from flask import Flask, current_app, g, has_request_context, request, session
from flask_sqlalchemy import SQLAlchemy

app = Flask("shop")
db = SQLAlchemy()
"""
BARE = APP + 'celery_app = Celery("shop", backend="cache+memory://")\n'
CONTEXT = (
    APP
    + """
class FlaskTask(Task):
    def __call__(self, *args, **kwargs):
        with app.app_context():
            return self.run(*args, **kwargs)

celery_app = Celery("shop", task_cls=FlaskTask)
"""
)


def lines(code: str, folder: Path, text: str) -> list[int]:
    """Return the lines of a file in which a rule finds something; nothing is imported."""
    path = folder / "shop.py"
    path.write_text(text, encoding="utf-8")
    project = Project(folder, "flask", "shop:celery_app", sources=[read(path, folder)])
    return [place.line for place in RULES[code].check(project)]


def imported(code: str, root: Path) -> list[int]:
    """Return the lines in which a rule finds something, in a project that is imported in this process."""
    project = load(root, "flask", "shop:celery_app")
    assert project.app_error is project.import_error is None
    return [place.line for place in RULES[code].check(project)]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give processes in which a project may be imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["celery.app.amqp", "checkup.command", "flask_sqlalchemy"])
    with ProcessPoolExecutor(2, mp_context=context, max_tasks_per_child=1) as pool:
        yield pool


def found(code: str, pool: ProcessPoolExecutor, folder: Path, text: str) -> list[int]:
    """Return the lines in which a rule finds something, in a project that is imported in another process."""
    (folder / "shop.py").write_text(text, encoding="utf-8")
    return pool.submit(imported, code, folder).result(60)


TASK = "@celery_app.task\ndef tell(x):\n    "


class TestContextNotPushed:
    """CK501."""

    @pytest.mark.parametrize(
        "text",
        [
            TASK + "return current_app.config['X']\n",
            TASK + "db.session.commit()\n",
            "@shared_task\ndef tell():\n    return g.user\n",
            "class Own(Task): ...\n@celery_app.task(base=Own)\ndef tell():\n    g.x = 1\n",
        ],
    )
    def test_missing(self, text: str, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        assert len(found("CK501", pool, tmp_path, BARE + text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            CONTEXT + TASK + "return current_app.config['X']\n",
            BARE + TASK + "with app.app_context():\n        return current_app.name\n",
            BARE + "def with_context(f):\n    return f\n\n@celery_app.task\n@with_context\n"
            "def tell():\n    return current_app.name\n",
            BARE + "app.app_context().push()\n" + TASK + "return current_app.name\n",
            BARE + TASK + "return current_app.name\n\n"
            "def main():\n    with app.app_context():\n        celery_app.worker_main()\n",
            BARE + TASK + "g = x\n    return g.user\n",
            BARE + "def view():\n    return current_app.name\n",
            BARE + TASK + "return app.config['X']\n",
        ],
        ids=["class", "with", "decorator", "push", "main", "variable", "view", "app"],
    )
    def test_look_alikes(self, text: str, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        assert found("CK501", pool, tmp_path, text) == []


SHARED = "@shared_task\ndef tell(): ...\n\n"


class TestNoDefaultApp:
    """CK503."""

    @pytest.mark.parametrize(
        "text",
        [
            SHARED + "def view():\n    tell.delay()\n",
            "def view(key):\n    return AsyncResult(key).state\n",
        ],
    )
    def test_missing(self, text: str, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        assert len(found("CK503", pool, tmp_path, BARE + text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            SHARED + "celery_app.set_default()\ndef view():\n    tell.delay()\n",
            "def init():\n    celery_app.set_default()\n\ndef view(key):\n    return AsyncResult(key)\n",
            TASK + "...\n\ndef view():\n    tell.delay(1)\n",
            "def view(key):\n    return AsyncResult(key, app=celery_app).state\n",
            "def view(key):\n    return celery_app.AsyncResult(key).state\n",
            SHARED + "@shared_task\ndef again():\n    tell.delay()\n",
        ],
        ids=["default", "elsewhere", "own task", "app=", "app.", "in a task"],
    )
    def test_look_alikes(self, text: str, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        assert found("CK503", pool, tmp_path, BARE + text) == []


class TestRequestInTask:
    """CK504."""

    @pytest.mark.parametrize(
        "text",
        [
            "return request.form['x']",
            "session['x'] = 1",
            "import flask\n    return flask.request.path",
        ],
    )
    def test_read(self, text: str, tmp_path: Path) -> None:
        assert len(lines("CK504", tmp_path, BARE + TASK + text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "def view():\n    return request.form['x']\n",
            "@celery_app.task(bind=True)\ndef tell(self):\n    return self.request.id\n",
            "@celery_app.task\ndef tell(request):\n    return request.path\n",
            TASK + "if has_request_context():\n        return request.path\n",
            TASK + "with app.test_request_context('/'):\n        return request.path\n",
            TASK + "session = x\n    return session.query(x)\n",
            "@celery_app.task\ndef tell(session):\n    session['x'] = 1\n",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK504", tmp_path, BARE + text) == []


class TestTaskBeforeCommit:
    """CK505."""

    VIEW = "{}...\n\ndef view(order):\n    {}\n"

    def test_sent_first(self, tmp_path: Path) -> None:
        text = "db.session.add(order)\n    tell.delay(order.id)\n    db.session.commit()"
        assert len(lines("CK505", tmp_path, BARE + self.VIEW.format(TASK, text))) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "db.session.add(order)\n    db.session.commit()\n    tell.delay(order.id)",
            "tell.delay(order.id)\n    db.session.commit()",
            "db.session.add(order)\n    tell.delay(order.id)",
            "db.session.add(order)\n    tell.delay(1)\n    db.session.commit()",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK505", tmp_path, BARE + self.VIEW.format(TASK, text)) == []

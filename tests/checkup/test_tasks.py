"""The rules about tasks: what they find, and what looks alike and is right."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.project import Project, load
from checkup.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator

load_rules()
APP = 'from celery import Celery\ncelery_app = Celery("shop", backend="cache+memory://")\n'


def lines(code: str, folder: Path, text: str, **others: str) -> list[int]:
    """Return the lines of a file in which a rule finds something; nothing is imported."""
    project = Project(folder, "flask", "shop:celery_app")
    for name, content in {"shop": text, **others}.items():
        path = folder / f"{name}.py"
        path.write_text(dedent(content), encoding="utf-8")
        project.sources.append(read(path, folder))
    return [place.line for place in RULES[code].check(project)]


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give processes in which a project may be imported."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["celery.app.amqp", "celery.loaders.app", "checkup.command"])
    with ProcessPoolExecutor(2, mp_context=context, max_tasks_per_child=1) as pool:
        yield pool


def places(code: str, root: Path) -> list[str]:
    """Return where a rule finds something in a project that is imported in this process."""
    project = load(root, "flask", "shop:celery_app")
    assert project.app_error is project.import_error is None
    return [f"{place.path.name}:{place.line}" for place in RULES[code].check(project) if place.path]


def imported(code: str, pool: ProcessPoolExecutor, folder: Path, **files: str) -> list[str]:
    """Return where a rule finds something in a project that is imported in another process."""
    for name, content in files.items():
        (folder / f"{name}.py").write_text(dedent(content), encoding="utf-8")
    return pool.submit(places, code, folder).result(60)


TASKS = {
    "shop": APP + 'celery_app.conf.include = ["jobs"]\ncelery_app.set_default()\n',
    "jobs": "from celery import shared_task\n\n@shared_task\ndef tidy(): ...\n",
    "lost": "from celery import shared_task\n\n@shared_task\ndef sweep(): ...\n",
}


class TestTaskNotImported:
    """CK401."""

    def test_sent_from_another_module(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        send = "from lost import sweep\n\ndef view():\n    sweep.delay()\n"
        assert imported("CK401", pool, tmp_path, **TASKS, views=send) == ["lost.py:4"]

    def test_scheduled_by_name(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        schedule = 'celery_app.conf.beat_schedule = {"s": {"task": "lost.sweep", "schedule": 60}}\n'
        files = {**TASKS, "shop": TASKS["shop"] + schedule}
        assert imported("CK401", pool, tmp_path, **files) == ["lost.py:4"]

    def test_sent_by_name(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        send = (
            'from shop import celery_app\n\ndef view():\n    celery_app.send_task("lost.sweep")\n'
        )
        assert imported("CK401", pool, tmp_path, **TASKS, views=send) == ["lost.py:4"]

    def test_nobody_sends_it(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        assert imported("CK401", pool, tmp_path, **TASKS) == []

    def test_only_a_test_sends_it(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        send = "from lost import sweep\n\ndef test():\n    sweep.delay()\n"
        assert imported("CK401", pool, tmp_path, **TASKS, test_lost=send) == []

    def test_another_app_of_the_project(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        files = {
            **TASKS,
            "other": 'from celery import Celery\napp = Celery("other")\n',
            "views": "from lost import sweep\n\ndef view():\n    sweep.delay()\n",
        }
        assert imported("CK401", pool, tmp_path, **files) == []


TWO = """
    @celery_app.task(name="same")
    def one(): ...

    @{}.task(name="same")
    def two(): ...
"""


class TestTaskNameClash:
    """CK402."""

    def test_two_functions(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = APP + dedent(TWO.format("celery_app"))
        assert imported("CK402", pool, tmp_path, shop=text) == ["shop.py:8"]

    def test_a_name_like_that_of_a_module(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = APP + (
            '@celery_app.task\ndef one(): ...\n\n@celery_app.task(name="shop.one")\ndef two(): ...\n'
        )
        assert imported("CK402", pool, tmp_path, shop=text) == ["shop.py:7"]

    def test_the_name_in_another_app(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = APP + 'other = Celery("other")\n' + dedent(TWO.format("other"))
        assert imported("CK402", pool, tmp_path, shop=text) == []

    def test_one_of_two_branches(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = APP + (
            'if celery_app:\n    @celery_app.task(name="same")\n    def one(): ...\n'
            'else:\n    @celery_app.task(name="same")\n    def two(): ...\n'
        )
        assert imported("CK402", pool, tmp_path, shop=text) == []

    def test_the_module_of_another_worker(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        task = 'from celery import shared_task\n\n@shared_task(name="same")\ndef {}(): ...\n'
        files = {"jobs": task.format("one"), "lost": task.format("two")}
        assert imported("CK402", pool, tmp_path, shop=TASKS["shop"], **files) == []


class TestAsyncDefTask:
    """CK403."""

    def test_a_coroutine(self, tmp_path: Path) -> None:
        text = APP + "@celery_app.task\nasync def call(): ...\n"
        assert lines("CK403", tmp_path, text) == [4]

    @pytest.mark.parametrize(
        "text",
        [
            "async def call(): ...\n",
            "from asgiref.sync import async_to_sync\n@celery_app.task\n@async_to_sync\nasync def call(): ...\n",
            "from base import AsyncTask\n@celery_app.task(base=AsyncTask)\nasync def call(): ...\n",
            "from celery_aio_pool import AsyncIOPool\n@celery_app.task\nasync def call(): ...\n",
            "@app.task\nasync def call(): ...\n",
        ],
        ids=["no task", "wrapped", "base", "pool", "another library"],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK403", tmp_path, APP + text) == []

    def test_a_class_with_a_loop(self, tmp_path: Path) -> None:
        text = APP + (
            "import asyncio\n"
            "class Base(celery_app.Task):\n"
            "    def __call__(self, *args):\n"
            "        return asyncio.run(self.run(*args))\n"
            "celery_app.Task = Base\n"
            "@celery_app.task\nasync def call(): ...\n"
        )
        assert lines("CK403", tmp_path, text) == []


ADD = APP + "from celery import chain, group\n@celery_app.task\ndef add(x, y): ...\n"


def in_task(text: str) -> str:
    """Return a module with a task of this body, which begins in line 8."""
    return ADD + "@celery_app.task\ndef outer(old):\n    " + text.replace("\n", "\n    ") + "\n"


class TestGetInTask:
    """CK404."""

    @pytest.mark.parametrize(
        "text",
        [
            "return add.delay(1, 2).get()",
            "result = add.delay(1, 2)\nreturn result.get()",
            "result = add.apply_async((1, 2))\nresult.wait(timeout=3)",
            "return group(add.s(1, 2))().join()",
            "jobs = group(add.s(1, 2))\nreturn jobs.apply_async().get()",
            "from celery.result import AsyncResult\nreturn AsyncResult(old).get()",
        ],
    )
    def test_waiting(self, text: str, tmp_path: Path) -> None:
        assert len(lines("CK404", tmp_path, in_task(text))) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "return add.delay(1, 2).get(disable_sync_subtasks=False)",
            "from celery.result import allow_join_result\nwith allow_join_result():\n    add.delay(1, 2).get()",
            "return {'x': add.delay(1, 2)}.get('x')",
            "result = add.delay(1, 2)\nresult = old\nreturn result.get('x')",
            "return old.get()",
            "def later():\n    return add.delay(1, 2).get()\nreturn later",
            "return add.apply((1, 2)).get()",
            "return add.delay(1, 2).id",
            "import requests\nreturn requests.get(old)",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK404", tmp_path, in_task(text)) == []

    def test_a_script_may_wait(self, tmp_path: Path) -> None:
        assert lines("CK404", tmp_path, ADD + "def main():\n    add.delay(1, 2).get()\n") == []

    def test_a_worker_that_is_started_with_gevent(self, tmp_path: Path) -> None:
        (tmp_path / "Procfile").write_text("worker: celery -A shop worker -P gevent\n")
        assert lines("CK404", tmp_path, in_task("add.delay(1, 2).get()")) == []

    def test_with_gevent_it_may_wait(self, tmp_path: Path) -> None:
        text = "from gevent import monkey\nmonkey.patch_all()\n"
        assert lines("CK404", tmp_path, in_task("add.delay(1, 2).get()"), serve=text) == []


IGNORED = APP + "@celery_app.task(ignore_result=True)\ndef add(x): ...\n"


class TestIgnoredResultRead:
    """CK405."""

    @pytest.mark.parametrize(
        "text",
        [
            "return add.delay(1).get()",
            "result = add.delay(1)\nreturn result.wait()",
        ],
    )
    def test_reading(self, text: str, tmp_path: Path) -> None:
        text = "def view():\n    " + text.replace("\n", "\n    ")
        assert len(lines("CK405", tmp_path, IGNORED + text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "return add.delay(1).id",
            "return add.apply_async((1,), ignore_result=False).get()",
            "return add.apply_async((1,), **options).get()",
            "add.delay(1)\nreturn options.get('x')",
            "result = add.delay(1)\nresult = options\nreturn result.get('x')",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        text = "def view(options):\n    " + text.replace("\n", "\n    ")
        assert lines("CK405", tmp_path, IGNORED + text) == []

    def test_a_state(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = IGNORED + (
            "@celery_app.task(bind=True, ignore_result=True)\n"
            "def count(self):\n    self.update_state(state='HALF')\n"
            "def view():\n    return add.delay(1).state, count.delay().state\n"
        )
        assert imported("CK405", pool, tmp_path, shop=text) == ["shop.py:9"]

    def test_by_the_setting(self, pool: ProcessPoolExecutor, tmp_path: Path) -> None:
        text = APP + (
            "celery_app.conf.task_ignore_result = True\n"
            "@celery_app.task\ndef add(x): ...\n"
            "@celery_app.task(ignore_result=False)\ndef keep(x): ...\n"
            "def view():\n    return add.delay(1).get(), keep.delay(1).get()\n"
        )
        assert imported("CK405", pool, tmp_path, shop=text) == ["shop.py:9"]


class TestConnectionBeforeFork:
    """CK406."""

    TASK = "\n@celery_app.task\ndef ask():\n    return connection.execute('SELECT 1')\n"

    @pytest.mark.parametrize(
        "text",
        [
            "import sqlite3\nconnection = sqlite3.connect('shop.db')\n",
            "import psycopg\nconnection = psycopg.connect('')\n",
            "from psycopg2 import connect\ntry:\n    connection = connect('')\nfinally:\n    pass\n",
            "from sqlalchemy import create_engine\nconnection = create_engine('sqlite://').connect()\n",
        ],
    )
    def test_opened(self, text: str, tmp_path: Path) -> None:
        assert len(lines("CK406", tmp_path, APP + text + self.TASK)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "import redis\nconnection = redis.Redis()\n",
            "from sqlalchemy import create_engine\nconnection = create_engine('sqlite://')\n",
            "import sqlite3\nconnection = sqlite3.connect(':memory:')\n",
            "import smtplib\nconnection = smtplib.SMTP()\n",
            "import sqlite3\nif __name__ == '__main__':\n    connection = sqlite3.connect('shop.db')\n",
            "import sqlite3\nconnection = sqlite3.connect('shop.db')\nconnection.close()\n",
            "import sqlite3\ndef connect():\n    connection = sqlite3.connect('shop.db')\n",
            "import pymongo\nconnection = pymongo.MongoClient()\n",
            "import sqlite3\nfrom celery.signals import worker_process_init\nconnection = sqlite3.connect('a')\n",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK406", tmp_path, APP + text + self.TASK) == []

    def test_a_variable_that_no_function_uses(self, tmp_path: Path) -> None:
        text = (
            "import sqlite3\nconnection = sqlite3.connect('a')\n@celery_app.task\ndef ask(): ...\n"
        )
        assert lines("CK406", tmp_path, APP + text) == []

    def test_a_module_of_the_web_server_only(self, tmp_path: Path) -> None:
        text = "import sqlite3\nconnection = sqlite3.connect('a')\ndef view():\n    return connection\n"
        assert lines("CK406", tmp_path, APP, web=text) == []


class TestRetrySwallowed:
    """CK407."""

    START = APP + "@celery_app.task(bind=True)\ndef call(self, x):\n"

    @pytest.mark.parametrize(
        "text",
        [
            "try:\n    raise self.retry()\nexcept Exception:\n    print(x)",
            "try:\n    self.retry()\nexcept:\n    pass",
            "try:\n    raise self.retry()\nexcept Exception as error:\n    raise self.retry(exc=error)",
            (
                "try:\n    try:\n        print(x)\n    except OSError:\n        raise self.retry()\n"
                "except (ValueError, Exception):\n    print(x)"
            ),
        ],
    )
    def test_swallowed(self, text: str, tmp_path: Path) -> None:
        text = "    " + text.replace("\n", "\n    ")
        assert len(lines("CK407", tmp_path, self.START + text)) == 1

    @pytest.mark.parametrize(
        "text",
        [
            "try:\n    print(x)\nexcept Exception as error:\n    raise self.retry(exc=error)",
            "try:\n    raise self.retry()\nexcept Exception:\n    raise",
            "try:\n    raise self.retry()\nexcept ValueError:\n    pass",
            (
                "from celery.exceptions import Retry\ntry:\n    raise self.retry()\nexcept Retry:\n    raise\n"
                "except Exception:\n    pass"
            ),
            (
                "from celery.exceptions import Retry\ntry:\n    raise self.retry()\nexcept Exception as e:\n"
                "    if not isinstance(e, Retry):\n        print(e)"
            ),
            (
                "try:\n    print(x)\nexcept Exception as e:\n    try:\n        raise self.retry(exc=e)\n"
                "    except self.MaxRetriesExceededError:\n        print(e)"
            ),
            "try:\n    self.retry(throw=False)\nexcept Exception:\n    pass",
            "try:\n    x.retry()\nexcept Exception:\n    pass",
            "try:\n    print(x)\nexcept Exception:\n    pass\nelse:\n    self.retry()",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        text = "    " + text.replace("\n", "\n    ")
        assert lines("CK407", tmp_path, self.START + text) == []


class TestBindAndSelf:
    """CK408."""

    @pytest.mark.parametrize(
        "text",
        ["@celery_app.task\ndef a(self, x): ...", "@celery_app.task(bind=True)\ndef a(): ..."],
    )
    def test_wrong(self, text: str, tmp_path: Path) -> None:
        assert lines("CK408", tmp_path, APP + text) == [4]

    @pytest.mark.parametrize(
        "text",
        [
            "@celery_app.task(bind=True)\ndef a(self): ...",
            "@celery_app.task(bind=True)\ndef a(task, x): ...",
            "@celery_app.task(bind=True)\ndef a(*args): ...",
            "@celery_app.task(**options)\ndef a(self): ...",
            "@celery_app.task(bind=options)\ndef a(self): ...",
            "@celery_app.task\ndef a(me): ...",
            "class A:\n    @celery_app.task\n    def a(self): ...",
            "@celery_app.task\n@with_self\ndef a(self): ...",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK408", tmp_path, APP + text) == []


class TestNothingSent:
    """CK409."""

    @pytest.mark.parametrize(
        "text",
        [
            "add.s(1, 2)",
            "add.si(1, 2)",
            "add.delay",
            "chain(add.s(1, 2), add.s(3))",
            "group(add.s(1, 2))",
            "add.s(1, 2) | add.s(3)",
        ],
    )
    def test_wrong(self, text: str, tmp_path: Path) -> None:
        assert lines("CK409", tmp_path, ADD + f"def view():\n    {text}\n") == [7]

    @pytest.mark.parametrize(
        "text",
        [
            "add.s(1, 2).delay()",
            "add.s(1, 2)()",
            "chain(add.s(1, 2))()",
            "from celery import chord\n    chord([add.s(1, 2)])(add.s(3))",
            "x = add.s(1, 2)",
            "other.s(1, 2)",
            "from itertools import chain\n    chain([1])",
            "return group(add.s(1, 2))",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK409", tmp_path, ADD + f"def view(other):\n    {text}\n") == []


class TestArgumentsDoNotFit:
    """CK410."""

    @pytest.mark.parametrize(
        "text",
        [
            "add.delay(1)",
            "add.delay(1, 2, 3)",
            "add.delay(1, 2, countdown=3)",
            "add.apply_async((1,))",
            "add.apply_async(5)",
            "add.apply_async(('ab'))",
            "add.apply_async((1,), {'z': 2})",
            "add.apply_async(kwargs={'x': 2})",
            "add.apply_async()",
            "tell.delay()",
            "named.delay(1)",
        ],
    )
    def test_wrong(self, text: str, tmp_path: Path) -> None:
        assert lines("CK410", tmp_path, self.SHOP + f"    {text}\n") == [10]

    @pytest.mark.parametrize(
        "text",
        [
            "add.delay(1, 2)",
            "add.delay(1, y=2)",
            "add.delay(*pair)",
            "add.delay(1, **pair)",
            "add.apply_async((1, 2), countdown=3)",
            "add.apply_async(pair)",
            "add.apply_async([*pair])",
            "add.apply_async((1,), pair)",
            "add.apply_async(args=[1, 2], kwargs=None)",
            "add.apply_async((1,), {'y': 2})",
            "add.apply_async(**pair)",
            "tell.delay(1)",
            "tell.delay(x=1)",
            "named.delay(a=1)",
            "named.delay(a=1, countdown=2)",
            "add.s(1)",
        ],
    )
    def test_look_alikes(self, text: str, tmp_path: Path) -> None:
        assert lines("CK410", tmp_path, self.SHOP + f"    {text}\n") == []

    def test_a_decorator_may_add_arguments(self, tmp_path: Path) -> None:
        text = (
            APP
            + "@celery_app.task\n@with_user\ndef add(user, x): ...\n\ndef v():\n    add.delay(1)\n"
        )
        assert lines("CK410", tmp_path, text) == []

    def test_a_class_may_change_delay(self, tmp_path: Path) -> None:
        text = "class Base:\n    def delay(self, *args): ...\n"
        assert lines("CK410", tmp_path, self.SHOP + "    add.delay(1)\n", base=text) == []

    SHOP = APP + (
        "@celery_app.task\ndef add(x, y): ...\n"
        "@celery_app.task(bind=True)\ndef tell(self, x, y=1): ...\n"
        "@celery_app.task\ndef named(*, a, **more): ...\n"
        "def view(pair):\n"
    )

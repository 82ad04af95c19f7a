"""``--run``: what comes of each check, in projects that are right and in broken ones."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import socket
import time
import uuid
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = "Tasks in memory, with a worker in this process:"

FLASK = """
from celery import Celery, Task, shared_task
from flask import Flask, current_app

web = Flask(__name__)

class FlaskTask(Task):
    def __call__(self, *args, **kwargs):
        with web.app_context():
            return self.run(*args, **kwargs)

app = Celery("shop", task_cls=FlaskTask)
app.conf.update(broker_url="redis://127.0.0.1:1/0", result_backend="redis://127.0.0.1:1/0")
app.set_default()
web.extensions["celery"] = app

@shared_task
def greet():
    return current_app.name
"""
PLAIN = FLASK.replace("task_cls=FlaskTask", "")  # no context
FASTAPI = """
from celery import Celery, shared_task

app = Celery("shop", broker="redis://127.0.0.1:1/0")
app.set_default()

@shared_task
def greet():
    pass
"""
NO_DEFAULT = FASTAPI.replace("app.set_default()\n", "")
NAMED = NO_DEFAULT.replace("@shared_task", "@app.task")
DJANGO = {
    "config/__init__.py": "from config.celery import app as celery_app\n",
    "config/celery.py": """
import os
from celery import Celery
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("config")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
""",
    "config/settings.py": """
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "config.urls"
SECRET_KEY = "x"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
""",
    "config/urls.py": "urlpatterns = []\n",
    "shop/__init__.py": "",
    "shop/tasks.py": "from celery import shared_task\n\n@shared_task\ndef greet():\n    pass\n",
    "db.sqlite3": "",
}
UNLOADED = {**DJANGO, "config/__init__.py": ""}
ON_COMMIT = """
from celery.contrib.django.task import DjangoTask

class Early(DjangoTask):
    def apply_async_on_commit(self, *args, **options):
        self.apply_async(*args, **options)

class Never(DjangoTask):
    def apply_async_on_commit(self, *args, **options):
        pass
"""
SAFE = "errors come back: ok: state FAILURE, ValueError with its text"
OUTSIDE = "call set_default() of your app where you create it"


@dataclass
class Case:
    """A project, and the lines that must be printed for it."""

    framework: str
    files: dict[str, str] | str
    lines: list[str]
    status: int = 0
    how: str = "memory"
    options: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    seconds: float = 30  # more than a reader has: the machine may be busy
    leaves: dict[str, bool] = field(
        default_factory=dict
    )  # files: whether they are there afterwards


def with_class(name: str, body: str, base: str = "FlaskTask") -> str:
    """Give the task of the Flask project a class."""
    text = f"class {name}({base}):\n{body}\n\n@shared_task"
    return FLASK.replace("@shared_task", text + f"(base={name})")


CASES = {
    "flask": Case(
        "flask",
        FLASK,
        [
            MEMORY,
            "not eager: ok",
            "sent in a request: ok",
            "application context: ok",
            "database: not tried: no engine of SQLAlchemy is found at the top of your modules",
            SAFE,
            "awaited in an event loop: ok",
            "5 ok, 0 failed, 0 warnings, 1 not tried",
        ],
    ),
    "flask, variables that override": Case(
        "flask",
        FLASK,
        ["sent in a request: ok", SAFE],
        environment={
            "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
            "CELERY_RESULT_BACKEND": "redis://127.0.0.1:1/0",
        },
    ),
    "flask, routes and queues": Case(
        "flask",
        FLASK
        + 'app.conf.update(task_routes={"*": {"queue": "far"}}, task_create_missing_queues=False, task_ignore_result=True)\n',
        ["sent in a request: ok", SAFE],
    ),
    "flask without context": Case(
        "flask",
        PLAIN,
        [
            (
                "application context: failed: shop.greet uses current_app and runs outside the application context:"
                " give Celery a task_cls that enters it"
            ),
            "    flask/contexts",
        ],
        status=1,
    ),
    "flask without context, not needed": Case(
        "flask",
        PLAIN.replace("return current_app.name", "return 1"),
        ["application context: ok: shop.greet runs outside it, and does not seem to need it"],
    ),
    "flask, the task enters the context": Case(
        "flask",
        PLAIN.replace(
            "    return current_app.name",
            "    with web.app_context():\n        return current_app.name",
        ),
        ["application context: ok"],
    ),
    "flask, one class of two has no context": Case(
        "flask",
        FLASK
        + "\n@shared_task(base=type('Bare', (Task,), {'abstract': True}))\ndef bare():\n    return current_app.name\n",
        [
            "application context: failed: shop.bare uses current_app and runs outside the application"
        ],
        status=1,
    ),
    "flask, context of another app": Case(
        "flask",
        FLASK.replace("with web.app_context", "with Flask('other').app_context"),
        [
            "application context: failed: a task runs in the context of another app (<Flask 'other'>)"
        ],
        status=1,
    ),
    "flask without default": Case(
        "flask",
        FLASK.replace("app.set_default()\n", ""),
        [
            (
                "sent in a request: failed: a thread of the web server finds the Celery app 'default', not 'shop':"
                f" shared_task and AsyncResult(id) use it there; {OUTSIDE}"
            ),
            "    explain/apps-and-threads",
            "application context: ok",
        ],
        status=1,
    ),
    "two flask apps": Case(
        "flask",
        FLASK.replace('web.extensions["celery"] = app', "second = Flask('second')"),
        [
            "application context: not tried: 2 Flask apps are found at the top of your modules; name it: --web MODULE:APP",
        ],
    ),
    "two flask apps, one named": Case(
        "flask",
        FLASK.replace('web.extensions["celery"] = app', "second = Flask('second')"),
        ["sent in a request: ok", "application context: ok"],
        options=["--web", "shop:web"],
    ),
    "a class that swallows": Case(
        "flask",
        with_class(
            "Safe",
            "    def __call__(self, *args, **kwargs):\n        try:\n            return super().__call__(*args, **kwargs)\n"
            "        except Exception:\n            return None\n",
        ),
        [
            (
                "errors come back: failed: a task with the class of shop.greet raised ValueError, and its state is"
                " SUCCESS: let the class raise what the task raises"
            )
        ],
        status=1,
    ),
    "a class that cannot be called": Case(
        "flask",
        with_class("Strict", "    def __call__(self, *, tenant):\n        return self.run()\n"),
        [
            "application context: failed: the task did not run in time; the worker says: Task checkup.1["
        ],
        status=1,
        seconds=4,
    ),
    "a class that retries": Case(
        "flask", with_class("Again", "    autoretry_for = (Exception,)\n"), [SAFE]
    ),
    "nobody is told": Case(
        "flask",
        with_class(
            "Telling",
            "    def on_failure(self, *args, **kwargs):\n        open('told', 'w').close()\n",
        )
        + "from celery.signals import task_failure\n@task_failure.connect\n"
        "def tell(**kwargs):\n    open('told', 'w').close()\n",
        [SAFE],
        leaves={"told": False},
    ),
    "eager": Case(
        "flask",
        FLASK + "app.conf.task_always_eager = True\n",
        [
            (
                "not eager: warning: task_always_eager is set: .delay() runs a task inside the request, and no worker"
                " gets it; set it in tests only"
            ),
            "    explain/eager",
            "sent in a request: ok",
            "4 ok, 0 failed, 1 warning, 1 not tried",
        ],
    ),
    "a serialiser that changes arguments": Case(
        "flask",
        FLASK + "import json\nfrom kombu.serialization import register\n"
        'register("lossy", lambda value: json.dumps(value).replace("1.5", "2"), json.loads, "application/x-lossy", "utf-8")\n'
        'app.conf.update(task_serializer="lossy", accept_content=["lossy", "json"])\n',
        [
            "sent in a request: failed: sent ['ä', 1.5, None, True, {'list': [1, {'2': 3}]}], arrived ['ä', 2, "
        ],
        status=1,
    ),
    "a worker that does not start": Case(
        "flask",
        FLASK
        + "from celery import bootsteps\nclass Step(bootsteps.Step):\n    def __init__(self, *args, **kwargs):\n"
        '        raise RuntimeError("no disk")\napp.steps["worker"].add(Step)\n',
        [
            "worker: failed: no worker starts with this app; it says: RuntimeError: no disk",
            "0 ok, 1 failed, 0 warnings, 0 not tried",
        ],
        status=1,
    ),
    "a worker that starts slowly": Case(
        "flask",
        FLASK + "import time\nfrom celery.signals import worker_init\n@worker_init.connect\n"
        "def load(**kwargs):\n    time.sleep(60)\n",
        ["worker: not tried: no worker of your app is ready within 1 s"],
        seconds=1,
    ),
    "no app": Case(
        "flask",
        "raise ValueError",
        ["app: failed: -A shop:app cannot be loaded; see above"],
        status=1,
    ),
    "flask-sqlalchemy": Case(
        "flask",
        {
            "shop.py": FLASK + "from flask_sqlalchemy import SQLAlchemy\n"
            "web.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///' + __file__[:-7] + 'shop.db'\nSQLAlchemy(web)\n",
            "shop.db": "",
        },
        ["database: ok: sqlite"],
    ),
    "flask-sqlalchemy, no file": Case(
        "flask",
        FLASK + "from flask_sqlalchemy import SQLAlchemy\n"
        "web.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///' + __file__[:-7] + 'shop.db'\nSQLAlchemy(web)\n",
        ["database: not tried: there is no file shop.db yet; create the tables first"],
        leaves={"shop.db": False},
    ),
    "fastapi": Case(
        "fastapi",
        FASTAPI,
        [
            MEMORY,
            "not eager: ok",
            "sent in a def endpoint: ok",
            "database: not tried: no engine of SQLAlchemy is found at the top of your modules",
            SAFE,
            "awaited in an event loop: ok",
            "4 ok, 0 failed, 0 warnings, 1 not tried",
        ],
    ),
    "fastapi without default": Case(
        "fastapi",
        NO_DEFAULT,
        [
            "sent in a def endpoint: failed: a thread of the web server finds the Celery app 'default', not"
        ],
        status=1,
    ),
    "fastapi without default, all named": Case("fastapi", NAMED, ["sent in a def endpoint: ok"]),
    "fastapi without default, the result asks": Case(
        "fastapi",
        NAMED
        + "from celery.result import AsyncResult\ndef state(id):\n    return AsyncResult(id).state\n",
        [
            "sent in a def endpoint: failed: a thread of the web server finds the Celery app 'default', not"
        ],
        status=1,
    ),
    "fastapi without default, the result names it": Case(
        "fastapi",
        NAMED
        + "from celery.result import AsyncResult\ndef state(id):\n    return AsyncResult(id, app=app).state\n",
        ["sent in a def endpoint: ok"],
    ),
    "an engine": Case(
        "fastapi",
        FASTAPI + "from sqlalchemy import create_engine\nengine = create_engine('sqlite://')\n",
        ["database: ok: shop.engine"],
    ),
    "an engine without database": Case(
        "fastapi",
        FASTAPI
        + "from sqlalchemy import create_engine\ndef connect():\n    raise RuntimeError('away')\n"
        "engine = create_engine('sqlite://', creator=connect)\n",
        ["database: failed: RuntimeError: away"],
        status=1,
    ),
    "django": Case(
        "django",
        DJANGO,
        [
            MEMORY,
            "not eager: ok",
            "sent in a thread of the web server: ok",
            "app in the web process: ok",
            "database: ok: default",
            "sent after the commit: ok: delay_on_commit()",
            SAFE,
            "awaited in an event loop: ok",
            "7 ok, 0 failed, 0 warnings, 0 not tried",
        ],
    ),
    "django, app not loaded": Case(
        "django",
        {**UNLOADED, "db.sqlite3": ""},
        [
            (
                "app in the web process: failed: a web process does not load your Celery app, so shared_task sends to"
                " RabbitMQ on this machine; write `from config.celery import app` into config/__init__.py"
            ),
            "    django/project-layout",
        ],
        status=1,
    ),
    "django, views load the app": Case(
        "django",
        {**UNLOADED, "config/urls.py": "import config.celery\nurlpatterns = []\n"},
        ["app in the web process: ok"],
    ),
    "django, the WSGI file loads the app": Case(
        "django",
        {
            **UNLOADED,
            "config/settings.py": DJANGO["config/settings.py"]
            + 'WSGI_APPLICATION = "config.wsgi.application"\n',
            "config/wsgi.py": "import config.celery\napplication = None\n",
        },
        ["app in the web process: ok"],
    ),
    "django, tasks name the app": Case(
        "django",
        {
            **UNLOADED,
            "shop/tasks.py": "from config.celery import app\n\n@app.task\ndef greet():\n    pass\n",
        },
        ["app in the web process: ok"],
    ),
    "django, the WSGI file does not load": Case(
        "django",
        {
            **UNLOADED,
            "config/settings.py": DJANGO["config/settings.py"]
            + 'WSGI_APPLICATION = "config.wsgi.application"\n',
            "config/wsgi.py": "import nothing_of_this_name\n",
        },
        [
            (
                "app in the web process: not tried: a web process does not start: config.wsgi: ModuleNotFoundError:"
                " No module named 'nothing_of_this_name'"
            )
        ],
    ),
    "django, sent too early": Case(
        "django",
        {
            **DJANGO,
            "config/classes.py": ON_COMMIT,
            "config/celery.py": DJANGO["config/celery.py"].replace(
                'Celery("config")', 'Celery("config", task_cls="config.classes:Early")'
            ),
        },
        [
            "sent after the commit: failed: delay_on_commit() sent the task before the commit",
            "    django/delay-on-commit",
        ],
        status=1,
    ),
    "django, never sent": Case(
        "django",
        {
            **DJANGO,
            "config/classes.py": ON_COMMIT,
            "config/celery.py": DJANGO["config/celery.py"].replace(
                'Celery("config")', 'Celery("config", task_cls="config.classes:Never")'
            ),
        },
        ["sent after the commit: failed: delay_on_commit() did not send the task after the commit"],
        status=1,
    ),
    "django, a class of Celery": Case(
        "django",
        {
            **DJANGO,
            "config/celery.py": DJANGO["config/celery.py"].replace(
                'Celery("config")', 'Celery("config", task_cls="celery.app.task:Task")'
            ),
        },
        ["sent after the commit: ok: on_commit()"],
    ),
    "django without database": Case(
        "django",
        {
            **DJANGO,
            "config/settings.py": DJANGO["config/settings.py"].replace("DATABASES", "NONE"),
        },
        [
            "database: not tried: the settings name no database",
            "sent after the commit: not tried: the settings name no database",
        ],
    ),
    "django, no file": Case(
        "django",
        {**DJANGO, "config/settings.py": DJANGO["config/settings.py"].replace("db.sql", "new.sql")},
        ["database: not tried: there is no file new.sqlite3 yet; run manage.py migrate first"],
        leaves={"new.sqlite3": False},
    ),
    "redis away": Case(
        "fastapi",
        FASTAPI.replace("redis://", "redis://:word@"),
        [
            "Tasks over your broker, in a queue of their own:",
            (
                "broker: failed: redis://:**@127.0.0.1:1/0: OperationalError: Error 111 connecting to 127.0.0.1:1."
                " Connection refused.; start it, or set broker_url to where it is"
            ),
            "    howto/broker-down",
            "0 ok, 1 failed, 0 warnings, 0 not tried",
        ],
        status=1,
        how="broker",
    ),
    "rabbitmq away": Case(
        "fastapi",
        FASTAPI.replace("redis://127.0.0.1:1/0", "amqp://127.0.0.1:1//"),
        ["broker: failed: amqp://127.0.0.1:1//: OperationalError: [Errno 111] Connection refused;"],
        status=1,
        how="broker",
    ),
    "the broker is silent": Case(
        "fastapi",
        FASTAPI.replace("127.0.0.1:1/", "127.0.0.1:SILENT/"),
        ["broker: failed: redis://127.0.0.1:SILENT/0: no answer within 3 s; start it, or set"],
        status=1,
        how="broker",
    ),
    "no result backend": Case(
        "fastapi",
        FASTAPI.replace("redis://127.0.0.1:1/0", "memory://"),
        [
            "broker: ok: memory://",
            "result backend: not tried: the project has no result backend",
            "sent in a def endpoint: ok",
            "errors come back: not tried: there is no result backend to ask",
            "awaited in an event loop: not tried: there is no result backend to ask",
        ],
        how="broker",
    ),
    "the result backend is silent": Case(
        "fastapi",
        FASTAPI.replace(
            '"redis://127.0.0.1:1/0"', '"memory://", backend="redis://127.0.0.1:SILENT/0"'
        ),
        [
            (
                "result backend: failed: redis://127.0.0.1:SILENT/0: no answer within 3 s; start it, or set"
                " result_backend to where it is"
            ),
            "    howto/status",
            "sent in a def endpoint: ok",
        ],
        status=1,
        how="broker",
    ),
}


def attempt(folder: Path, case: Case) -> tuple[int, str, float]:
    """Try the tasks of a project in this process; return the exit status, what it prints, and the seconds."""
    from checkup import trial
    from checkup.command import main

    os.chdir(folder)
    trial.SECONDS = case.seconds
    os.environ.update(case.environment)
    app = "config" if case.framework == "django" else "shop:app"
    arguments = [case.framework, "-A", app, "--select", "CK201", "--run", case.how, *case.options]
    output, before = io.StringIO(), time.monotonic()
    with contextlib.redirect_stdout(output):
        status = main(arguments)
    if any(os.environ.get(name) != value for name, value in case.environment.items()):
        raise RuntimeError("the environment has changed")
    return status, output.getvalue(), time.monotonic() - before


def write(folder: Path, files: dict[str, str] | str) -> None:
    for name, text in ({"shop.py": files} if isinstance(files, str) else files).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Give processes, one for each project, that have imported the frameworks already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["verify.preloaded"])
    with ProcessPoolExecutor(3, mp_context=context, max_tasks_per_child=1) as processes:
        yield processes


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """Return the port of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        yield str(server.getsockname()[1])


@pytest.fixture(scope="module")
def outcomes(
    pool: ProcessPoolExecutor, silent: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Path, Future[tuple[int, str, float]]]]:
    """Start all trials."""
    started = {}
    for name, case in CASES.items():
        folder = tmp_path_factory.mktemp("project")
        write(folder, case.files)
        for path in folder.rglob("*.py"):
            path.write_text(path.read_text("utf-8").replace("SILENT", silent), "utf-8")
        started[name] = folder, pool.submit(attempt, folder, case)
    return started


@pytest.mark.parametrize("name", CASES)
def test_what_comes_of_a_trial(
    name: str, outcomes: dict[str, tuple[Path, Future[tuple[int, str, float]]]], silent: str
) -> None:
    case, (folder, future) = CASES[name], outcomes[name]
    status, output, seconds = future.result(60)
    lines = output.splitlines()
    wanted = [line.replace("SILENT", silent) for line in case.lines]
    for line in wanted:
        assert any(
            found == line or (len(line) > 40 and found.startswith(line)) for found in lines
        ), output
    assert status == case.status, output
    assert seconds < 12 or case.how == "memory"
    assert {path: (folder / path).exists() for path in case.leaves} == case.leaves


@pytest.fixture
def services(request: pytest.FixtureRequest) -> dict[str, str]:
    if not request.config.option.live:
        pytest.skip("needs Redis and RabbitMQ: pytest --live")
    from verify.services import url_of

    return {name: url_of(name) for name in ("redis", "rabbitmq")}


def test_nothing_is_left_in_redis(
    services: dict[str, str], pool: ProcessPoolExecutor, tmp_path: Path
) -> None:
    import redis

    prefix, url = f"trial-{uuid.uuid4()}:", services["redis"]
    options = {"global_keyprefix": prefix}
    write(
        tmp_path,
        FLASK
        + f"app.conf.update(broker_url={url!r}, result_backend={url!r}, broker_transport_options={options},"
        f" result_backend_transport_options={options})\n",
    )
    with redis.Redis.from_url(url) as client:
        client.rpush(f"{prefix}celery", "a message for the worker of the project")
        try:
            status, output, _ = pool.submit(
                attempt, tmp_path, Case("flask", "", [], how="broker")
            ).result(60)
            assert status == 0, output
            assert "result backend: ok: " in output
            assert output.endswith("7 ok, 0 failed, 0 warnings, 1 not tried\n")
            # The message is where it was, and nothing else is there.
            assert list(client.scan_iter(f"{prefix}*")) == [f"{prefix}celery".encode()]
            assert client.llen(f"{prefix}celery") == 1
        finally:
            client.delete(f"{prefix}celery")


def test_nothing_is_left_in_rabbitmq(
    services: dict[str, str], pool: ProcessPoolExecutor, tmp_path: Path
) -> None:
    from verify.services import rabbitmqctl, virtual_host

    with virtual_host(services["rabbitmq"]) as url:
        write(tmp_path, FLASK + f"app.conf.update(broker_url={url!r}, result_backend='rpc://')\n")
        status, output, _ = pool.submit(
            attempt, tmp_path, Case("flask", "", [], how="broker")
        ).result(60)
        assert status == 0, output
        assert SAFE in output
        assert (
            "awaited in an event loop: not tried: rpc:// gives a result to the thread only"
            in output
        )
        left = rabbitmqctl("list_queues", "-p", url.rpartition("/")[2], "name")
        assert left is None or left.split()[1:] == []

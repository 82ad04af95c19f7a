"""``--run``: tasks of its own, sent in the reader's project to a worker in this process.

None of the reader's tasks runs. The queue and the results are deleted afterwards.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Iterable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, TextIO

from checkup.site import address

if TYPE_CHECKING:
    from celery import Celery
    from celery.app.task import Task

    from checkup.project import Project

SECONDS = 10.0  # for the start of a worker, and again for all checks
PATIENCE = 5.0  # for one message
CONNECT = 3.0  # for the first answer of the broker, and of the result backend
# What JSON keeps; a serialiser that changes one of these changes the reader's arguments, too.
SAMPLE = ["ä", 1.5, None, True, {"list": [1, {"2": 3}]}]
EXPECTED = "checkup raised this"
OVERRIDING = (
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
)
IN_MEMORY: dict[str, Any] = {
    "broker_url": "memory://",
    "broker_read_url": "memory://",
    "broker_write_url": "memory://",
    "broker_transport_options": {"polling_interval": 0.01},
    "broker_use_ssl": False,
    "result_backend": "cache+memory://",
    "result_backend_transport_options": {},
}
# A worker that takes one queue, leaves no trace, and gives up when the broker does.
ALONE: dict[str, Any] = {
    "broker_connection_retry": False,
    "broker_connection_retry_on_startup": False,
    "task_always_eager": False,
    "task_create_missing_queues": True,
    "task_publish_retry_policy": {"max_retries": 1, "interval_start": 0},
    "task_queues": None,
    "task_routes": None,
    "task_send_sent_event": False,
    "worker_deduplicate_successful_tasks": False,
    "worker_direct": False,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_state_db": None,
}
# Handlers of a task class that may tell somebody; a trial is nobody's business.
HANDLERS = ("before_start", "on_success", "on_retry", "on_failure", "after_return")
# What a web process of Django has imported when the first request comes, and which app shared_task finds then.
WEB_PROCESS = """
import importlib, json, sys
sys.path.insert(0, sys.argv[2])
import django
django.setup()
from celery import _state
from celery.app.utils import find_app
from django.conf import settings
said, modules = "", [getattr(settings, "ROOT_URLCONF", "")]
for name in ("WSGI_APPLICATION", "ASGI_APPLICATION"):
    modules.append((getattr(settings, name, "") or "").rpartition(".")[0])
for module in filter(None, modules):
    try:
        importlib.import_module(module)
    except (Exception, SystemExit) as error:
        said = said or f"{module}: {type(error).__name__}: {error}"
    if _state.default_app is not None:
        break
found = _state.default_app
print(json.dumps([found is not None and found is find_app(sys.argv[1]), said]))
"""


class Failed(Exception):
    """Something is wrong in the project; the message says what, and what to do."""

    def __init__(self, message: str, page: str = "") -> None:
        """Keep the page that explains it."""
        super().__init__(message)
        self.page = page


class Doubtful(Failed):
    """Something that may be meant so."""


class NotTried(Exception):
    """Something that cannot be tried in this project; the message says why."""


def in_words(error: BaseException) -> str:
    """Return an error on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())


def start(function: Callable[[], Any]) -> futures.Future[Any]:
    """Call a function in a new thread, which nobody waits for when the program ends."""
    future: futures.Future[Any] = futures.Future()

    def work() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return future


@dataclass
class Trial:
    """Tasks that do what a check tells them, and a worker in a thread of this process."""

    project: Project
    app: Celery
    results: bool = True  # whether there is a result backend that answers
    end: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    name: str = field(default_factory=lambda: f"checkup-{uuid.uuid4()}")
    eager: bool = False
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    tasks: dict[type, Task] = field(default_factory=dict)
    worker: futures.Future[Any] | None = None
    problems: list[str] = field(default_factory=list)  # what Celery has logged
    sent: list[str] = field(default_factory=list)
    actions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    done: dict[str, queue.Queue[tuple[Any, BaseException | None]]] = field(default_factory=dict)

    @property
    def left(self) -> float:
        """How long the next step may take."""
        return max(0.1, min(PATIENCE, self.end - time.monotonic()))

    def act(self, token: str, *args: object) -> list[object]:
        """Do what a check wants done in the worker; return the arguments. This is the body of every task."""
        try:
            value = self.actions[token](*args)
        except Exception as error:
            self.done[token].put((None, error))
            raise
        self.done[token].put((value, None))
        return list(args)

    def task(self, base: type) -> Task:
        """Return the task of a class."""
        if base not in self.tasks:

            def body(token: str, *args: object) -> list[object]:
                return self.act(token, *args)

            def nothing(*_: object, **__: object) -> None:
                """Tell nobody."""

            options: dict[str, Any] = dict.fromkeys(HANDLERS, nothing)
            options |= dict.fromkeys(("rate_limit", "time_limit", "soft_time_limit", "expires"))
            self.tasks[base] = self.app.task(
                body,
                name=f"checkup.{len(self.tasks)}",
                base=base,
                lazy=False,
                shared=False,
                ignore_result=False,
                autoretry_for=(),
                **options,
            )
        return self.tasks[base]

    def expect(self, action: Callable[..., Any]) -> str:
        """Remember what a task will do; return the word by which it knows."""
        token = uuid.uuid4().hex
        self.actions[token], self.done[token] = action, queue.Queue()
        return token

    def send(self, base: type, action: Callable[..., Any], *, keep: bool = False) -> Any:  # noqa: ANN401 - Celery's results are untyped
        """Send a task past what its class does with ``apply_async``; return its token and its result."""
        token = self.expect(action)
        task = self.task(base)
        result = self.app.send_task(
            task.name, (token,), queue=self.name, ignore_result=not keep, task_type=task
        )
        return token, result

    def outcome(self, token: str) -> Any:  # noqa: ANN401 - whatever the check has returned
        """Wait until a task has run; return what its check has returned, or raise what it has raised.

        Raises:
            Failed: if it does not run in time.

        """
        try:
            value, error = self.done[token].get(timeout=self.left)
        except queue.Empty:
            why = f"; the worker says: {self.problems[-1]}" if self.problems else ""
            raise Failed(f"the task did not run in time{why}") from None
        if error is not None:
            raise error
        return value

    def do(self, base: type, action: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Run a function in a task, and return its value."""
        token, _ = self.send(base, action)
        return self.outcome(token)

    @functools.cached_property
    def classes(self) -> dict[type, list[str]]:
        """The task classes of the project with the tasks that have them."""
        found: dict[type, list[str]] = {}
        for name, task in sorted(self.project.registered.items()):
            found.setdefault(type(task).__mro__[1], []).append(name)
        return found or {self.app.Task: []}


def ready(result: Any) -> bool:  # noqa: ANN401 - Celery's results are untyped
    """Ask the result backend whether a task has ended."""
    from celery.states import READY_STATES

    return result.state in READY_STATES


def whose(names: list[str]) -> str:
    """Name some tasks."""
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""  # noqa: PLR2004 - two are an example
    return ", ".join(names[:2]) + more if names else "a task"


# --- The worker ---------------------------------------------------------------------------------


class Collector(logging.Handler):
    """Keeps errors that Celery logs."""

    def __init__(self, problems: list[str]) -> None:
        """Take a list to write to."""
        super().__init__(logging.ERROR)
        self.problems = problems

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the first line of an error; what a check has raised in a task, the check says itself."""
        said = record.getMessage().split("\n")[0]
        if EXPECTED not in said and NotTried.__name__ not in said:
            self.problems.append(said)


@contextlib.contextmanager
def quiet(problems: list[str]) -> Iterator[None]:
    """Keep what Celery logs off the terminal, and tell no error tracker of the tasks that are to fail."""
    from celery.signals import task_failure

    loggers = [logging.getLogger(name) for name in ("celery", "kombu", "amqp")]
    before = [(logger, logger.handlers, logger.propagate) for logger in loggers]
    receivers = task_failure.receivers
    handler = Collector(problems)
    for logger in loggers:
        logger.handlers, logger.propagate = [handler], False
    task_failure.receivers = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        task_failure.receivers = receivers
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate


def configure(trial: Trial, how: str) -> None:
    """Give the app the settings of a trial, and forget the connections it has."""
    app = trial.app
    trial.eager = bool(app.conf.task_always_eager)
    if how == "memory":
        for name in OVERRIDING:  # they win over every setting
            os.environ.pop(name, None)
        app.conf.update(IN_MEMORY)
    app.conf.update(ALONE)
    app.__dict__.pop("amqp", None)
    app._pool = None  # noqa: SLF001 - there is no public way to start anew
    if hasattr(app, "_backend_cache"):
        app._backend_cache = None  # noqa: SLF001
    app._local.__dict__.pop("backend", None)  # noqa: SLF001


def queue_of(trial: Trial) -> Any:  # noqa: ANN401 - kombu is untyped
    """Return the queue of a trial; a broker that keeps it by mistake drops it after a minute, if it can."""
    from kombu import Exchange, Queue

    return Queue(trial.name, Exchange(""), trial.name, expires=60)


@contextlib.contextmanager
def working(trial: Trial) -> Iterator[None]:
    """Run a worker for the queue of the trial.

    Raises:
        Failed: if it does not start.
        NotTried: if that takes too long.

    """
    from celery import _state
    from celery.worker import WorkController, state

    started = threading.Event()

    class Worker(WorkController):  # type: ignore[misc] # untyped
        def on_consumer_ready(self, consumer: object) -> None:  # noqa: ARG002
            started.set()

    def work() -> None:
        # Not the default: which app other threads find is what the trial asks.
        trial.app.set_current()
        worker = Worker(
            app=trial.app,
            hostname=f"{trial.name}@localhost",
            pool="solo",
            concurrency=1,
            queues=[trial.name],
            loglevel="CRITICAL",
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
        )
        worker.start()

    def stop() -> None:
        state.should_stop = 0  # the exit status; the worker looks after each message

    # As a dictionary: its add() would bind the queue to the exchange of the project.
    trial.app.amqp.queues[trial.name] = queue_of(trial)
    for base in (
        trial.app.Task,
        *trial.classes,
    ):  # a worker knows the tasks that are there when it starts
        trial.task(base)
    trial.worker = start(work)
    try:
        end = time.monotonic() + SECONDS
        while not started.wait(0.01) and not trial.worker.done() and time.monotonic() < end:
            pass
        if not started.is_set() and not trial.worker.done():  # a model that worker_init loads
            raise NotTried(f"no worker of your app is ready within {SECONDS:.0f} s")
        trial.end = time.monotonic() + SECONDS
        if not started.is_set():
            error = trial.worker.exception()
            why = in_words(error) if error else (trial.problems or ["nothing"])[0]
            raise Failed(f"no worker starts with this app; it says: {why}", "howto/start-and-stop")
        # The pool says so for the whole process; here, the thread that waits is another than the worker's.
        _state._set_task_join_will_block(False)  # noqa: SLF001 - as celery.contrib.testing.worker does
        yield
    finally:
        with contextlib.suppress(Exception):
            if started.is_set() and not trial.worker.done():
                trial.send(trial.app.Task, stop)
                if trial.app.conf.broker_write_url == "memory://":
                    # This worker looks when the next message comes, or after 2 s. Elsewhere, it would leave that.
                    trial.send(trial.app.Task, stop)
                trial.worker.result(trial.left)
        state.should_stop = None
        with contextlib.suppress(Exception):
            start(lambda: delete(trial)).result(trial.left)


def delete(trial: Trial) -> None:
    """Delete the queue of a trial, and close its connections."""
    with trial.app.connection_for_write() as connection:
        queue_of(trial).bind(connection.default_channel).delete()
    with contextlib.suppress(Exception):
        trial.app.backend.result_consumer.stop()  # of backends that have one
    trial.app.pool.force_close_all()


def broker_of(app: Celery) -> str:
    """Return the URLs of the broker without their passwords."""
    from kombu.utils.url import maybe_sanitize_url

    urls = app.conf.broker_write_url or app.connection_for_write().as_uri()
    separate = urls.split(";") if isinstance(urls, str) else urls
    return ";".join(maybe_sanitize_url(url) if "@" in url else url for url in separate)


def reach(trial: Trial) -> str:
    """Return where the broker is, once it has answered.

    Raises:
        Failed: if it does not.

    """

    def connect() -> None:
        with trial.app.connection_for_write(connect_timeout=CONNECT) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT)
            _ = connection.default_channel

    url = broker_of(trial.app)
    attempt = start(connect)
    advice = "start it, or set broker_url to where it is"
    try:
        attempt.result(CONNECT)
    except Exception as error:  # noqa: BLE001 - whatever the transport raises
        why = in_words(error) if attempt.done() else f"no answer within {CONNECT:.0f} s"
        raise Failed(f"{url}: {why}; {advice}", "howto/broker-down") from None
    return url


def reach_backend(trial: Trial) -> str:
    """Return where results are kept, once the backend has answered.

    Raises:
        Failed: if it does not.
        NotTried: if there is none.

    """
    if type(trial.app.backend).__name__ == "DisabledBackend":
        trial.results = False
        raise NotTried("the project has no result backend")
    url = trial.app.backend.as_uri()
    if url.startswith("rpc"):  # that is the broker, and asking leaves a queue
        return url
    attempt = start(lambda: trial.app.AsyncResult(str(uuid.uuid4())).state)
    try:
        attempt.result(CONNECT)
    except Exception as error:  # noqa: BLE001 - whatever the backend raises
        trial.results = False
        why = in_words(error) if attempt.done() else f"no answer within {CONNECT:.0f} s"
        raise Failed(
            f"{url}: {why}; start it, or set result_backend to where it is", "howto/status"
        ) from None
    return url


# --- The checks of every framework -----------------------------------------------------------------


def sends_in_place(trial: Trial) -> str:
    """Say whether the settings let a worker have the tasks.

    Raises:
        Doubtful: if they do not.

    """
    if trial.eager:
        raise Doubtful(
            "task_always_eager is set: .delay() runs a task inside the request, and no worker gets it;"
            " set it in tests only",
            "explain/eager",
        )
    return ""


def asks_current_app(project: Project) -> bool:
    """Say whether code of the project leaves it to the thread which Celery app is used."""
    for task in project.tasks:
        decorator = task.decorator
        called = getattr(decorator, "func", decorator)
        if project.resolve(task.source.dotted(called)).endswith(".shared_task"):
            return True
    for source in project.sources:
        for call in () if source.is_test else source.calls():
            name = source.dotted(call.func)
            if name in {"celery.result.AsyncResult", "celery.result.GroupResult"} and not any(
                keyword.arg == "app" for keyword in call.keywords
            ):
                return True
    return not project.tasks


def sent_by_the_web(
    trial: Trial, around: Callable[[], contextlib.AbstractContextManager[Any]]
) -> str:
    """Send a task from a new thread, as web servers have them, and compare its arguments.

    Raises:
        Failed: if the thread finds another app, or if the message comes with other arguments.

    """
    from celery import current_app

    token = trial.expect(lambda *args: args)

    def send() -> str:
        with around():
            found = current_app._get_current_object()  # noqa: SLF001 - the only way to compare a proxy
            if found is not trial.app and asks_current_app(trial.project):
                return str(found.main)
            trial.task(trial.app.Task).apply_async(
                (token, *SAMPLE), queue=trial.name, ignore_result=True
            )
            return ""

    other = start(send).result(PATIENCE)
    if other:
        raise Failed(
            f"a thread of the web server finds the Celery app {other!r}, not {trial.app.main!r}: shared_task"
            " and AsyncResult(id) use it there; call set_default() of your app where you create it",
            "explain/apps-and-threads",
        )
    arrived = list(trial.outcome(token))
    if arrived != SAMPLE:
        raise Failed(
            f"sent {SAMPLE!r}, arrived {arrived!r}: set task_serializer to json", "howto/security"
        )
    return ""


def errors_come_back(trial: Trial) -> str:
    """Let a task of each class raise.

    Raises:
        Failed: if the result does not say so.
        NotTried: if there is no result backend.

    """
    if not trial.results:
        raise NotTried("there is no result backend to ask")

    def fail() -> None:
        raise ValueError(EXPECTED)

    for base, names in trial.classes.items():
        token, result = trial.send(base, fail, keep=True)
        try:
            with contextlib.suppress(ValueError):
                trial.outcome(token)
            if trial.app.backend.as_uri().startswith("rpc"):  # it gives a result to who waits
                result.get(trial.left, propagate=False, disable_sync_subtasks=False)
            end = time.monotonic() + trial.left
            while not ready(result) and time.monotonic() < end:
                time.sleep(0.02)
            state, value = result.state, result.result
        finally:
            with contextlib.suppress(Exception):
                result.forget()
        if state != "FAILURE":
            raise Failed(
                f"a task with the class of {whose(names)} raised ValueError, and its state is"
                f" {state}: let the class raise what the task raises",
                "howto/test-failure",
            )
        if type(value) is not ValueError or value.args != (EXPECTED,):
            raise Failed(f"a ValueError comes back as {value!r}", "howto/test-failure")
    return "state FAILURE, ValueError with its text"


def awaited(trial: Trial) -> str:
    """Send a task from an event loop and await its end, while the loop does something else.

    Raises:
        Failed: if the loop or the result hangs.
        NotTried: if there is no result backend.

    """
    if not trial.results:
        raise NotTried("there is no result backend to ask")
    if trial.app.backend.as_uri().startswith("rpc"):
        raise NotTried("rpc:// gives a result to the thread only that has sent the task")
    turn = threading.Event()
    results = []

    def send() -> str:
        token, result = trial.send(trial.app.Task, lambda: turn.wait(PATIENCE), keep=True)
        results.append(result)
        return str(token)

    async def elsewhere() -> None:
        turn.set()

    async def main() -> Any:  # noqa: ANN401
        token = await asyncio.wrap_future(start(send))
        other = asyncio.ensure_future(elsewhere())
        while not await asyncio.wrap_future(start(lambda: ready(results[0]))):  # noqa: ASYNC110 - no event tells of a result
            await asyncio.sleep(0.02)
        await other
        return trial.outcome(token)

    try:
        if asyncio.run(asyncio.wait_for(main(), trial.left)) is not True:
            raise Failed("the event loop stood still while the task ran", "fastapi/async-endpoints")
    except asyncio.TimeoutError:
        raise Failed("the result did not come in time", "fastapi/async-endpoints") from None
    finally:
        for result in results:
            with contextlib.suppress(Exception):
                start(result.forget).result(trial.left)
    return ""


# --- Flask -------------------------------------------------------------------------------------------


def flask_app(trial: Trial) -> Any:  # noqa: ANN401 - Flask need not be there
    """Return the Flask app that belongs to the Celery app.

    Raises:
        NotTried: if none is found, or several.

    """
    from flask import Flask

    if isinstance(trial.project.web, Flask):
        return trial.project.web
    modules = trial.project.modules
    found = {
        id(value): value
        for source in trial.project.sources
        if source.path in modules
        for value in list(vars(modules[source.path]).values())
        if isinstance(value, Flask)
    }
    linked = [web for web in found.values() if web.extensions.get("celery") is trial.app]
    candidates = linked or list(found.values())
    if len(candidates) != 1:
        number = "no Flask app is" if not candidates else f"{len(candidates)} Flask apps are"
        raise NotTried(f"{number} found at the top of your modules; name it: --web MODULE:APP")
    return candidates[0]


def needs_flask(task: Any) -> str:  # noqa: ANN401 - Celery's tasks are untyped
    """Return the name of what a task uses of Flask or an extension of it, if any; of what is imported at the top."""
    function = inspect.unwrap(getattr(task, "run", task))
    code = getattr(function, "__code__", None)
    for name in getattr(code, "co_names", ()):
        value = getattr(function, "__globals__", {}).get(name)
        if type(value).__module__.startswith(("flask", "werkzeug.local")):
            return str(name)
    return ""


def enters_context(trial: Trial, name: str) -> bool:
    """Say whether a task enters a context itself."""
    task = trial.project.registered[name]
    function = inspect.unwrap(getattr(task, "run", task))
    return bool({"app_context", "test_request_context"} & set(function.__code__.co_names))


def flask_context(trial: Trial) -> str:
    """Look for the application context in a task of each class.

    Raises:
        Failed: if a task has none and uses what needs one.

    """
    from flask import current_app, has_app_context

    app = flask_app(trial)

    def look() -> Any:  # noqa: ANN401
        return current_app._get_current_object() if has_app_context() else None  # noqa: SLF001

    page, outside = "flask/contexts", []
    for base, names in trial.classes.items():
        found = trial.do(base, look)
        if found is None:
            without = [name for name in names if not enters_context(trial, name)]
            used = {name: needs_flask(trial.project.registered[name]) for name in without}
            needy = [name for name in without if used[name]]
            advice = "give Celery a task_cls that enters it"
            if needy:
                raise Failed(
                    f"{whose(needy)} uses {used[needy[0]]} and runs outside the application context: {advice}",
                    page,
                )
            outside += without if names else ["a task"]
        elif found is not app and app.extensions.get("celery") is trial.app:
            raise Failed(
                f"a task runs in the context of another app ({found!r}) than the one that has this"
                f" Celery app ({app!r})",
                "flask/several-apps",
            )
    return f"{whose(outside)} runs outside it, and does not seem to need it" if outside else ""


def flask_database(trial: Trial) -> str:
    """Read from the database of Flask-SQLAlchemy in a task.

    Raises:
        NotTried: if there is none, or no context.

    """
    db = flask_app(trial).extensions.get("sqlalchemy")
    if not hasattr(db, "session"):
        return top_engines(trial)

    def read() -> str:
        from flask import has_app_context
        from sqlalchemy import text

        if not has_app_context():
            raise NotTried("a task has no application context")
        url = db.engine.url
        refuse_new_file(url)
        db.session.execute(text("SELECT 1"))
        db.session.remove()
        return str(url.get_backend_name())

    return str(trial.do(next(iter(trial.classes)), read))


def refuse_new_file(url: Any) -> None:  # noqa: ANN401 - SQLAlchemy need not be there
    """Leave alone a database of SQLite that connecting would create.

    Raises:
        NotTried: if it would.

    """
    name = url.database
    if url.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return
    if not name.startswith("file:") and not Path(name).exists():
        raise NotTried(f"there is no file {Path(name).name} yet; create the tables first")


def top_engines(trial: Trial) -> str:
    """Read, in a task, from each engine of SQLAlchemy at the top of the project's modules.

    Raises:
        NotTried: if there is none.

    """
    modules = trial.project.modules
    engines: dict[int, tuple[str, Any]] = {}
    for source in trial.project.sources:
        module = modules.get(source.path)
        for name, value in list(vars(module).items()) if module else ():
            if (
                type(value).__module__.startswith("sqlalchemy.")
                and type(value).__name__ == "Engine"
            ):
                engines.setdefault(id(value), (f"{source.module}.{name}", value))
    if not engines:
        raise NotTried("no engine of SQLAlchemy is found at the top of your modules")

    def read() -> None:
        from sqlalchemy import text

        for _, engine in engines.values():
            refuse_new_file(engine.url)
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))

    trial.do(trial.app.Task, read)
    return ", ".join(sorted(name for name, _ in engines.values()))


# --- Django ------------------------------------------------------------------------------------------


def refuse_no_database(alias: str) -> None:
    """Leave alone a database that is none, or that connecting would create.

    Raises:
        NotTried: if it is one of these.

    """
    from django.db import connections

    settings = connections[alias].settings_dict
    engine, name = settings["ENGINE"], str(settings["NAME"])
    if engine.endswith(".dummy"):
        raise NotTried("the settings name no database")
    in_memory = name == ":memory:" or name.startswith("file:")
    if engine.endswith("sqlite3") and not in_memory and not Path(name).exists():
        raise NotTried(f"there is no file {Path(name).name} yet; run manage.py migrate first")


def django_database(trial: Trial) -> str:
    """Read from each database in a task."""
    from django.db import connections

    for alias in connections:
        refuse_no_database(alias)

    def read() -> None:
        for alias in connections:
            connection = connections[alias]
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1" + connection.features.bare_select_suffix)

    trial.do(next(iter(trial.classes)), read)
    return ", ".join(connections)


def after_commit(trial: Trial) -> str:
    """Send a task on commit: of a transaction that commits, and of one that is rolled back. Both are empty.

    Raises:
        Failed: if it is sent too early, not at all, or in spite of the rollback.
        NotTried: if the database has no transactions.

    """
    from django.db import connection, connections, transaction

    refuse_no_database("default")
    page = "django/delay-on-commit"
    task = trial.task(trial.app.Task)
    token = trial.expect(lambda: None)
    method = getattr(task, "apply_async_on_commit", None)
    options: dict[str, Any] = {"queue": trial.name, "ignore_result": True}

    class RollbackError(Exception):
        """Ends a transaction."""

    def on_commit() -> None:
        if method:
            method((token,), **options)
        else:
            transaction.on_commit(functools.partial(task.apply_async, (token,), **options))

    def sends() -> int:
        return trial.sent.count(token)

    def commit() -> tuple[int, int, int]:
        try:
            if not connection.get_autocommit():
                raise NotTried("the settings turn off AUTOCOMMIT")
            # Django would find out about others by creating a table.
            if connection.vendor == "mysql" and not connection.features.supports_transactions:
                raise NotTried("the database has no transactions")
            with transaction.atomic():
                on_commit()
                before = sends()
            after = sends()
            with contextlib.suppress(RollbackError), transaction.atomic():
                on_commit()
                raise RollbackError
            return before, after, sends() - after
        finally:
            connections.close_all()

    before, after, rolled_back = start(commit).result(PATIENCE)
    what = "delay_on_commit()" if method else "on_commit()"
    if before:
        raise Failed(f"{what} sent the task before the commit", page)
    if rolled_back:
        raise Failed(f"{what} sent the task although the transaction was rolled back", page)
    if not after:
        raise Failed(f"{what} did not send the task after the commit", page)
    trial.outcome(token)
    return what


def web_process(trial: Trial) -> str:
    """Ask, in a process that starts as a web server does, which app ``shared_task`` finds.

    Raises:
        Failed: if it is not this one.
        NotTried: if the process does not start.

    """
    root = str(trial.project.root)
    try:
        child = subprocess.run(
            [sys.executable, "-c", WEB_PROCESS, trial.project.app_name, root],
            cwd=root,
            env=trial.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotTried(f"a web process does not start within {SECONDS:.0f} s") from None
    try:
        same, said = json.loads(child.stdout.strip().rpartition("\n")[2])
    except ValueError:
        last = child.stderr.strip().rpartition("\n")[2]
        raise NotTried(f"a web process does not start: {last}") from None
    if same or not asks_current_app(trial.project):
        return ""
    if said:
        raise NotTried(f"a web process does not start: {said}")
    package = os.environ.get("DJANGO_SETTINGS_MODULE", "").partition(".")[0]
    names = sorted(name for name in trial.project.celery_names if name.startswith(f"{package}."))
    module, _, name = (names or ["config.celery.app"])[0].rpartition(".")
    raise Failed(
        f"a web process does not load your Celery app, so shared_task sends to RabbitMQ on this machine;"
        f" write `from {module} import {name}` into {package}/__init__.py",
        "django/project-layout",
    )


# --- All of it ---------------------------------------------------------------------------------------

Check = tuple[str, Callable[[Trial], str]]


def checks(project: Project) -> list[Check]:
    """Return the checks of a framework, in order."""

    def web(trial: Trial) -> str:
        if project.framework != "flask":
            return sent_by_the_web(trial, contextlib.nullcontext)
        try:
            app = flask_app(trial)
        except NotTried as why:
            return (
                sent_by_the_web(trial, contextlib.nullcontext) or f"but outside a request, as {why}"
            )
        return sent_by_the_web(trial, lambda: app.test_request_context("/"))

    of: dict[str, list[Check]] = {
        "flask": [
            ("sent in a request", web),
            ("application context", flask_context),
            ("database", flask_database),
        ],
        "django": [
            ("sent in a thread of the web server", web),
            ("database", django_database),
            ("sent after the commit", after_commit),
        ],
        "fastapi": [
            ("sent in a def endpoint", web),
            ("database", top_engines),
        ],
    }
    return [
        ("not eager", sends_in_place),
        *of[project.framework],
        ("errors come back", errors_come_back),
        ("awaited in an event loop", awaited),
        # The last, as the start of a large project takes seconds.
        *([("app in the web process", web_process)] if project.framework == "django" else []),
    ]


@dataclass
class Report:
    """Says what came of each check."""

    stream: TextIO
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("ok", "failed", "warning", "not tried"), 0)
    )

    def line(self, name: str, word: str, said: str = "", page: str = "") -> None:
        """Write one."""
        self.counts[word] += 1
        self.stream.write(f"{name}: {word}{': ' if said else ''}{said}\n")
        if page:
            self.stream.write(f"    {address(page)}\n")

    def of(self, name: str, check: Callable[[], str]) -> bool:
        """Do a check, and write what came of it."""
        try:
            said = check()
        except NotTried as why:
            self.line(name, "not tried", str(why))
        except Doubtful as why:
            self.line(name, "warning", str(why), why.page)
        except Failed as why:
            self.line(name, "failed", str(why), why.page)
        except futures.TimeoutError:
            self.line(name, "failed", "it did not end in time")
        except Exception as error:  # noqa: BLE001 - whatever the project raises
            self.line(name, "failed", in_words(error))
        else:
            self.line(name, "ok", said)
            return True
        return False

    def end(self) -> bool:
        """Write the sum; return whether nothing failed."""
        said = (
            f"{number} {word}{'s' * (word == 'warning' and number != 1)}"
            for word, number in self.counts.items()
        )
        self.stream.write(", ".join(said) + "\n")
        return not self.counts["failed"]


def try_all(trial: Trial, report: Report, selected: Iterable[Check]) -> None:
    """Start a worker and do the checks."""
    from celery.signals import before_task_publish

    def note(body: Any, **_: object) -> None:  # noqa: ANN401 - of the message
        with contextlib.suppress(Exception):
            trial.sent.append(body[0][0])

    before_task_publish.connect(note, weak=False)
    try:
        with working(trial):
            for name, check in selected:
                if time.monotonic() > trial.end:
                    report.line(name, "not tried", f"{SECONDS:.0f} s are over")
                else:
                    report.of(name, functools.partial(check, trial))
    except Failed as why:
        report.line("worker", "failed", str(why), why.page)
    except NotTried as why:
        report.line("worker", "not tried", str(why))
    finally:
        before_task_publish.disconnect(note)


def run(project: Project, how: str, stream: TextIO) -> bool:
    """Send tasks of its own ``memory`` or ``broker``; say what came of each check, and whether none failed."""
    report = Report(stream)
    if project.app is None:
        report.line("app", "failed", f"-A {project.app_name} cannot be loaded; see above")
        return report.end()
    trial = Trial(project, project.app)
    configure(trial, how)
    before = Path.cwd()
    os.chdir(project.root)  # as the reader starts a worker
    try:
        with quiet(trial.problems):
            if how == "memory":
                stream.write("Tasks in memory, with a worker in this process:\n")
            else:
                stream.write("Tasks over your broker, in a queue of their own:\n")
                if not report.of("broker", lambda: reach(trial)):
                    return report.end()
                report.of("result backend", lambda: reach_backend(trial))
            try_all(trial, report, checks(project))
    finally:
        os.chdir(before)
        os.environ.update(trial.environment)
    return report.end()

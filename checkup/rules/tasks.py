"""About tasks: whether a worker knows them, what their bodies do, how they are sent and read."""

from __future__ import annotations

import ast
import contextlib
import inspect
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from checkup.finding import Place, rule
from checkup.project import Project, Send, TaskFunction
from checkup.source import FOREIGN, FunctionNode, Source

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
READING = {"get", "wait", "join", "result", "ready", "successful", "failed", "state", "status"}
WAITING = {"get", "wait", "join"}
CANVAS = {
    f"celery{module}.{name}"
    for module in ("", ".canvas", ".app.canvas")
    for name in ("chain", "chord", "group")
}
# Packages that make a worker run coroutines; whoever has one may write `async def` tasks.
ASYNC_POOLS = ("celery_aio_pool", "celery_pool_asyncio", "celery_asyncio_pool", "aiotasks")
OWN_POOLS = {"prefork", "processes", "solo", "threads", "eventlet", "gevent"}
GREEN = {"eventlet", "gevent"}
# What a file with the command of a worker may end with: Procfile, compose.yaml, start.sh, celery.service.
COMMANDS = {"", ".conf", ".ini", ".json", ".service", ".sh", ".toml", ".txt", ".yaml", ".yml"}
LONG = 100_000  # bytes
# What opens a connection when it is called. A client that connects later is none of these.
CONNECTING = {
    "cx_Oracle.connect",
    "ftplib.FTP",
    "imaplib.IMAP4",
    "imaplib.IMAP4_SSL",
    "mariadb.connect",
    "mysql.connector.connect",
    "MySQLdb.connect",
    "oracledb.connect",
    "pika.BlockingConnection",
    "psycopg.connect",
    "psycopg.Connection.connect",
    "psycopg2.connect",
    "pymssql.connect",
    "pymysql.connect",
    "pyodbc.connect",
    "smtplib.SMTP",
    "smtplib.SMTP_SSL",
    "socket.create_connection",
    "sqlite3.connect",
}
NEED_HOST = {"ftplib.FTP", "smtplib.SMTP", "smtplib.SMTP_SSL"}  # without one they connect later
OPTIONS = {"countdown", "eta", "expires", "priority", "queue", "routing_key", "task_id"}


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Give what belongs to a function's own body, so not what is in functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        yield child
        yield from own(child)


def body(function: FunctionNode) -> Iterator[ast.AST]:
    """Give what a call of a function runs itself: not its decorators, defaults and annotations."""
    for statement in function.body:
        if not isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
            yield statement
            yield from own(statement)


def scope(source: Source, node: ast.AST) -> list[ast.AST]:
    """Return what is in the same function as a node, or at the top of the module."""
    function = source.function_of(node)
    return list(body(function)) if function else list(own(source.tree))


def value_of(source: Source, node: ast.expr) -> ast.expr:
    """Return what a variable was set to, if that is certain; else the expression itself."""
    if not isinstance(node, ast.Name):
        return node
    function = source.function_of(node)
    if function is not None:
        arguments = ast.walk(function.args)
        if any(isinstance(part, ast.arg) and part.arg == node.id for part in arguments):
            return node
    inside = scope(source, node)
    stores = [
        part
        for part in inside
        if isinstance(part, ast.Name) and part.id == node.id and not isinstance(part.ctx, ast.Load)
    ]
    for part in inside:
        targets = part.targets if isinstance(part, ast.Assign) else []
        if len(stores) == 1 and targets == stores and isinstance(part, ast.Assign):
            return part.value
        if isinstance(part, ast.AnnAssign) and stores == [part.target] and part.value:
            return part.value
    return node


def sent_task(project: Project, node: ast.AST) -> TaskFunction | None:
    """Return the task that a call sends, and whose result it returns."""
    if not isinstance(node, ast.Call):
        return None
    for send in project.sends:
        if send.node is node and send.method in {"delay", "apply_async"}:
            return send.task
    return None


def options_of(node: ast.AST) -> set[str | None]:
    """Return the names of a call's keyword arguments; None stands for ``**``."""
    return {keyword.arg for keyword in node.keywords} if isinstance(node, ast.Call) else set()


def is_true(node: ast.expr | None) -> bool:
    """Say whether an expression is the word True."""
    return isinstance(node, ast.Constant) and node.value is True


def production(project: Project) -> Iterator[TaskFunction]:
    """Give the tasks that are not in tests."""
    return (task for task in project.tasks if not task.source.is_test)


def at_top(task: TaskFunction) -> bool:
    """Say whether a task is a function of a module: no method, no inner function."""
    return isinstance(task.source.parents.get(task.node), ast.Module)


def is_only_a_task(task: TaskFunction) -> bool:
    """Say whether no other decorator stands above or below the task's, and no ``**options`` are in it."""
    return len(task.node.decorator_list) == 1 and None not in options_of(task.decorator)


def registered_task(project: Project, task: TaskFunction) -> Any:  # noqa: ANN401 - Celery's Task is untyped
    """Return the registered task that a function has become, or None."""
    lines = {decorator.lineno for decorator in task.node.decorator_list} | {task.node.lineno}
    for registered in project.registered.values():
        file, line = project.file_of(registered) or (None, 0)
        if file == task.source.path and line in lines:
            return registered
    return None


def pool(project: Project) -> str:
    """Return the pool of the settings; the command line may name another."""
    if project.app is None or project.import_error is not None:
        return ""  # settings that cannot be read raise when they are asked for
    name = str(project.app.conf.worker_pool)
    return name.rpartition(".")[2] if name.startswith("celery.concurrency") else name


def is_green(project: Project) -> bool:
    """Say whether the workers may be those of gevent or eventlet: by a setting, an import, or a command in a file."""
    return (
        pool(project) in GREEN
        or any(
            target.partition(".")[0] in GREEN
            for source in project.sources
            for target in source.names.values()
        )
        or starts_green(project.root)
    )


def starts_green(root: Path) -> bool:
    """Say whether a file that may start workers names gevent or eventlet."""
    for path in (*root.glob("*"), *root.glob("*/*")):
        if path.suffix in COMMANDS and path.parent.name not in FOREIGN:
            with contextlib.suppress(OSError):
                text = path.read_bytes() if path.stat().st_size < LONG else b""
                if b"gevent" in text or b"eventlet" in text:
                    return True
    return False


def classes(project: Project) -> Iterator[tuple[Source, ast.ClassDef]]:
    """Give the classes of the project."""
    for source in project.sources:
        for node in source.parents:
            if isinstance(node, ast.ClassDef):
                yield source, node


def redefines(project: Project, *names: str) -> bool:
    """Say whether a class of the project has a method of one of these names."""
    return any(
        isinstance(method, FUNCTIONS) and method.name in names
        for _, node in classes(project)
        for method in node.body
    )


def is_in_app(project: Project, task: TaskFunction) -> bool:
    """Say whether it is certain that a task belongs to the Celery app that was loaded."""
    target = task.decorator.func if isinstance(task.decorator, ast.Call) else task.decorator
    name = project.resolve(task.source.dotted(target))
    if name.rpartition(".")[2] == "shared_task":
        return count_apps(project) <= 1
    module, _, attribute = project.resolve(name.rpartition(".")[0]).rpartition(".")
    source = project.by_module.get(module)
    loaded = project.modules.get(source.path) if source else None
    return loaded is not None and getattr(loaded, attribute, None) is project.app


def count_apps(project: Project) -> int:
    """Return how many Celery apps the project makes, outside of its tests."""
    return sum(
        source.dotted(call.func) in {"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"}
        for source in project.sources
        if not source.is_test
        for call in source.calls()
    )


@rule(
    "CK401",
    "error",
    "task-not-imported",
    "A task is sent that the worker does not know, because it never imports the task's module.",
    "flask/find-tasks",
    needs_app=True,
)
def task_not_imported(project: Project) -> Iterator[Place]:
    """Compare the modules of the tasks with what a worker has imported."""
    if project.import_error is not None:
        return
    named = names_in_use(project)
    senders: dict[str, str] = {}
    for send in project.sends:
        if send.source is not send.task.source:
            senders.setdefault(send.task.name, f"{send.source.module} sends it")
    reported = set()
    for task in production(project):
        path = task.source.path
        used = senders.get(task.name) or named.get(written_name(task))
        if path in project.imported or path in reported or not used:
            continue
        if not at_top(task) or not is_in_app(project, task):
            continue
        reported.add(path)
        cure = {
            "flask": "import the module where the Celery app is made, or name it in `imports`",
            "django": "name the module `tasks.py`, in an app of INSTALLED_APPS",
            "fastapi": 'name the module in `Celery(..., include=["…"])`',
        }[project.framework]
        yield Place(
            f"the worker never imports {task.source.module}, so it does not know the task"
            f" {task.node.name}, and throws its messages away ({used}); {cure}",
            path,
            task.node.lineno,
        )


def written_name(task: TaskFunction) -> str:
    """Return the name that a task gets: the one that is written, or that of the function."""
    name = task.option("name")
    if isinstance(name, ast.Constant) and isinstance(name.value, str):
        return name.value
    return "" if name is not None else task.name


def names_in_use(project: Project) -> dict[str, str]:
    """Return the names that tasks are scheduled or sent by, and who does it."""
    assert project.app is not None  # noqa: S101 - the rule needs it
    found = {}
    for source in project.sources:
        for call in () if source.is_test else source.calls():
            first = call.args[0] if call.args else None
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr == "send_task"
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                found[first.value] = f"{source.module} sends it by its name"
    schedule = project.app.conf.beat_schedule
    for entry in list(schedule.values()) if isinstance(schedule, dict) else []:
        if isinstance(entry, dict) and isinstance(entry.get("task"), str):
            found[entry["task"]] = "`beat_schedule` names it"
    return found


@rule(
    "CK402",
    "error",
    "task-name-clash",
    "Two functions have one task name, and Celery runs one of them for both.",
    "reference/errors",
    needs_app=True,
)
def task_name_clash(project: Project) -> Iterator[Place]:
    """Compare the names of the tasks of the modules that a worker imports."""
    from celery import Celery

    names: dict[str, list[TaskFunction]] = {}
    given = getattr(type(project.app), "gen_task_name", None) is Celery.gen_task_name
    for task in production(project):
        path = task.source.path
        if path not in project.imported or not at_top(task) or not is_in_app(project, task):
            continue
        name = written_name(task)
        if name == task.name and task.option("name") is None:
            module = project.modules.get(path)
            name = f"{module.__name__}.{task.node.name}" if module and given else ""
        if name in project.registered and None not in options_of(task.decorator):
            names.setdefault(name, []).append(task)
    for name, tasks in names.items():
        tasks.sort(key=lambda task: (str(task.source.path), task.node.lineno))
        first = tasks[0]
        file = project.relative(first.source.path).as_posix()
        for task in tasks[1:]:
            yield Place(
                f"the name {name} has two functions, {first.node.name}() in {file}:{first.node.lineno} and"
                f" {task.node.name}(), and a worker runs one of them for both; give each a name of its own",
                task.source.path,
                task.node.lineno,
            )


@rule(
    "CK403",
    "error",
    "async-def-task",
    "A task is `async def`, and Celery never runs its body.",
    "fastapi/async-tasks",
)
def async_def_task(project: Project) -> Iterator[Place]:
    """Report coroutines, unless something in the project may run them."""
    if runs_coroutines(project):
        return
    for task in production(project):
        if (
            isinstance(task.node, ast.AsyncFunctionDef)
            and is_only_a_task(task)
            and task.option("base") is None
        ):
            yield Place(
                f"the task {task.node.name} is `async def`: the worker makes a coroutine, never runs it, and"
                " without a result backend logs success; write `def`, and call asyncio.run() in it",
                task.source.path,
                task.node.lineno,
            )


def runs_coroutines(project: Project) -> bool:
    """Say whether a package, a pool or a class of the project may make a worker run coroutines."""
    from celery.concurrency import ALIASES

    name = pool(project)
    if (name and name not in OWN_POOLS) or any(find_spec(package) for package in ASYNC_POOLS):
        return True
    if any("aio" in alias or "async" in alias for alias in ALIASES):
        return True  # a Celery that is newer than this rule
    for source in project.sources:
        if any(target.partition(".")[0] in ASYNC_POOLS for target in source.names.values()):
            return True
    for source, node in classes(project):
        bases = " ".join(source.dotted(base).lower() for base in node.bases)
        if ("task" in bases or "celery" in bases) and mentions_loops(node):
            return True
    task_class = getattr(project.app, "Task", None)
    if task_class is None:
        return False
    home = task_class.__call__.__module__
    own_modules = {"celery.app.task", *(source.module for source in project.sources)}
    return home not in own_modules and not home.startswith("celery.")


def mentions_loops(node: ast.AST) -> bool:
    """Say whether code has to do with coroutines."""
    words = ("async", "await", "corout", "run_until_complete", "anyio", "loop")
    return any(
        isinstance(part, (ast.Await, ast.AsyncFunctionDef))
        or any(
            word in text.lower()
            for text in (getattr(part, "id", ""), getattr(part, "attr", ""))
            if isinstance(text, str)
            for word in words
        )
        for part in ast.walk(node)
    )


@rule(
    "CK404",
    "error",
    "get-in-task",
    "A task waits for another task.",
    "flask/results",
)
def get_in_task(project: Project) -> Iterator[Place]:
    """Report `.get()` and `.join()` of what a task itself has sent."""
    if is_green(project):
        return
    for task in production(project):
        parts = list(body(task.node))
        words = {getattr(part, "id", "") or getattr(part, "attr", "") for part in parts}
        if "allow_join_result" in words:
            continue
        for node in parts:
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in WAITING
                and not options_of(node) & {"disable_sync_subtasks", None}
            ):
                what = waited_for(project, task.source, node.func.value)
                if what:
                    yield Place(
                        f"the task {task.node.name} waits for {what}, which ends in `RuntimeError: Never call"
                        f" result.get() within a task!`; let a chain or a chord hand the result over",
                        task.source.path,
                        node.lineno,
                    )


def waited_for(project: Project, source: Source, node: ast.expr) -> str:
    """Return what an expression is the result of, or an empty string."""
    value = value_of(source, node)
    task = sent_task(project, value)
    if task:
        ignored = ignores_result(project, task) or "ignore_result" in options_of(value)
        return "" if ignored else f"{task.node.name}"
    if not isinstance(value, ast.Call):
        return ""
    name = source.dotted(value.func)
    if name == "celery.result.AsyncResult" or (
        name.endswith(".AsyncResult") and project.resolve(name[:-12]) in project.celery_names
    ):
        return "another task"
    workflow: ast.expr = value.func
    if isinstance(workflow, ast.Attribute) and workflow.attr in {"delay", "apply_async"}:
        workflow = workflow.value
    elif not isinstance(workflow, ast.Call):
        return ""
    workflow = value_of(source, workflow)
    kind = source.dotted(workflow.func) if isinstance(workflow, ast.Call) else ""
    return f"a {kind.rpartition('.')[2]}" if kind in CANVAS else ""


def ignores_result(project: Project, task: TaskFunction) -> bool:
    """Say whether it is certain that nobody keeps the result of a task."""
    if None in options_of(task.decorator) or task.option("store_errors_even_if_ignored"):
        return False
    registered = registered_task(project, task)
    if registered is not None:
        return bool(registered.ignore_result) and not registered.store_errors_even_if_ignored
    return is_true(task.option("ignore_result"))


def keeps_no_state(project: Project, task: TaskFunction) -> bool:
    """Say whether it is certain that nothing at all is stored about a task, also no progress and no error."""
    return project.app is not None and not any(
        getattr(part, "attr", "") == "update_state" for part in body(task.node)
    )


@rule(
    "CK405",
    "error",
    "ignored-result-read",
    "The result of a task is read that keeps none.",
    "flask/results",
)
def ignored_result_read(project: Project) -> Iterator[Place]:
    """Report what is read of the result of a send, if the task has `ignore_result`."""
    sends = [send for send in project.sends if ignores_result(project, send.task)]
    # In the order of the files; a file counts once.
    for source in {id(send.source): send.source for send in sends}.values():
        for node in source.parents:
            if not isinstance(node, ast.Attribute) or node.attr not in READING:
                continue
            value = value_of(source, node.value)
            task = next((send.task for send in sends if send.node is value), None)
            if (
                task
                and sent_task(project, value)
                and not options_of(value) & {"ignore_result", None}
                and (node.attr in WAITING or keeps_no_state(project, task))
            ):
                what = {
                    "get": "get() returns None at once",
                    "wait": "wait() returns None at once",
                    "result": "result is always None",
                    "ready": "ready() is never true",
                    "successful": "successful() is never true",
                    "failed": "failed() is never true",
                }.get(node.attr, f"{node.attr} is always PENDING")
                yield Place(
                    f"nobody keeps the result of {task.node.name}, as it has `ignore_result`, so {what}, also after an"
                    " error; set ignore_result=False on the task, or do not read it",
                    source.path,
                    node.lineno,
                )


@rule(
    "CK406",
    "warning",
    "connection-before-fork",
    "A module opens a connection while it is imported, and every process of the worker inherits it.",
    "howto/clients-and-models",
)
def connection_before_fork(project: Project) -> Iterator[Place]:
    """Report connections at the top of modules of the worker that functions use."""
    if pool(project) in {"solo", "threads"} or is_green(project):
        return
    with_tasks = {task.source.path for task in production(project)}
    for source in project.sources:
        loaded = source.path in project.imported if project.app else source.path in with_tasks
        if source.is_test or not loaded or "worker_process_init" in source.names:
            continue
        for node in own(source.tree):
            if not isinstance(node, (ast.Assign, ast.AnnAssign)) or is_program(source, node):
                continue
            opener = opens(source, node.value)
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            target = targets[0]
            if opener and isinstance(target, ast.Name) and is_shared(project, source, target.id):
                yield Place(
                    f"{opener}() opens {target.id} while {source.module} is imported, so all processes of a prefork"
                    " worker share one connection; open it in a function that the task calls",
                    source.path,
                    node.lineno,
                )


def is_program(source: Source, node: ast.AST) -> bool:
    """Say whether a statement is inside `if`, as in `if __name__ == "__main__"`, or `with`."""
    return any(isinstance(outer, (ast.If, ast.With)) for outer in source.around(node))


def opens(source: Source, node: ast.expr | None) -> str:
    """Return the name of the function by which an expression opens a connection."""
    if not isinstance(node, ast.Call):
        return ""
    name = source.dotted(node.func)
    if name in CONNECTING:
        first = node.args[0] if node.args else None
        memory = isinstance(first, ast.Constant) and first.value == ":memory:"
        hostless = name in NEED_HOST and not node.args and not options_of(node) & {"host", None}
        return "" if memory or hostless else name
    if isinstance(node.func, ast.Attribute) and node.func.attr == "connect":
        engine = value_of(source, node.func.value)
        if isinstance(engine, ast.Call) and source.dotted(engine.func) in {
            "sqlalchemy.create_engine",
            "sqlalchemy.engine.create_engine",
        }:
            return f"{ast.unparse(node.func.value)}.connect"
    return ""


def is_shared(project: Project, source: Source, name: str) -> bool:
    """Say whether functions use a variable of a module that nothing at its top closes or sets again."""
    for node in own(source.tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == name
            and node.attr in {"close", "quit"}
        ):
            return False
    for node in source.parents:
        if isinstance(node, ast.Global) and name in node.names:
            return False  # a function makes it anew
    return any(
        isinstance(part, ast.Name)
        and isinstance(part.ctx, ast.Load)
        and is_variable(project, other, part, source, name)
        for other in project.sources
        if not other.is_test
        for function in other.functions()
        for part in body(function)
    )


def is_variable(project: Project, source: Source, node: ast.Name, home: Source, name: str) -> bool:
    """Say whether a name in a file is the variable of this name at the top of another file, or of this one."""
    same = (
        node.id == name
        if source is home
        else project.resolve(source.dotted(node)) == f"{home.module}.{name}"
    )
    return same and not project.is_local(source, node)


@rule(
    "CK407",
    "error",
    "retry-swallowed",
    "A task catches the exception by which its own retry ends it.",
    "howto/retries",
)
def retry_swallowed(project: Project) -> Iterator[Place]:
    """Report `self.retry()` inside a `try` whose `except Exception` goes on."""
    for task in production(project):
        arguments = [*task.node.args.posonlyargs, *task.node.args.args]
        if not arguments or not is_true(task.option("bind")):
            continue
        me = arguments[0].arg
        for node in body(task.node):
            if is_retry(node, me) and not options_of(node) & {"throw", None}:
                handler = catcher(task.source, node, me)
                if handler is not None:
                    yield Place(
                        f"the task {task.node.name} catches the Retry of its own {me}.retry() in line"
                        f" {handler.lineno}, so this run goes on although the retry is sent;"
                        f" write `except Retry: raise` before it, or retry outside of the `try`",
                        task.source.path,
                        getattr(node, "lineno", 0),
                    )


def is_retry(node: ast.AST, me: str) -> bool:
    """Say whether an expression is ``self.retry(…)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "retry"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == me
    )


def catcher(source: Source, node: ast.AST, me: str) -> ast.ExceptHandler | None:
    """Return what catches every exception of a call, and does not raise it again."""
    inner = node
    for outer in source.around(node):
        if isinstance(outer, FUNCTIONS):
            return None
        if isinstance(outer, ast.Try) and inner in outer.body:
            for handler in outer.handlers:
                kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
                names = {"" if kind is None else source.dotted(kind) for kind in kinds}
                if any(
                    name.rpartition(".")[2] in {"Retry", "CeleryError", "TaskPredicate"}
                    for name in names
                ):
                    return None
                if names & {"", "Exception", "BaseException"}:
                    return None if raises_again(handler, me) else handler
        inner = outer
    return None


def raises_again(handler: ast.ExceptHandler, me: str) -> bool:
    """Say whether a handler may raise what it has caught; another retry is another message."""
    for part in ast.walk(handler):
        if isinstance(part, ast.Raise) and not (part.exc and is_retry(part.exc, me)):
            return True
        if "Retry" in {getattr(part, "id", ""), getattr(part, "attr", "")}:
            return True
    return False


@rule(
    "CK408",
    "error",
    "bind-and-self",
    "A task expects itself as `self` and does not get it, or gets it and has no place for it.",
    "flask/status-and-progress",
)
def bind_and_self(project: Project) -> Iterator[Place]:
    """Compare `bind` with the first parameter."""
    for task in production(project):
        if not at_top(task) or not is_only_a_task(task) or task.option("base") is not None:
            continue
        problem = bind_problem(task)
        if problem:
            yield Place(f"the task {task.node.name} {problem}", task.source.path, task.node.lineno)


def bind_problem(task: TaskFunction) -> str:
    """Return what is wrong between `bind` and the first parameter."""
    bind = task.option("bind")
    arguments = [*task.node.args.posonlyargs, *task.node.args.args]
    if arguments and arguments[0].arg == "self" and bind is None:
        return (
            "has a parameter `self`, but no `bind=True`, so every call misses an argument; add bind=True to the"
            " decorator, or remove `self`"
        )
    if is_true(bind) and not arguments and not task.node.args.vararg:
        return (
            "has `bind=True`, so it is called with itself as the first argument, and it takes none; remove"
            " bind=True, or add `self`"
        )
    return ""


@rule(
    "CK409",
    "error",
    "nothing-sent",
    "A line looks as if it sends a task, and sends nothing.",
    "howto/workflows",
)
def nothing_sent(project: Project) -> Iterator[Place]:
    """Report statements that only make a signature, or only name a method."""
    for source in project.sources:
        for node in () if source.is_test else source.parents:
            if not isinstance(node, ast.Expr):
                continue
            what = unsent(project, source, node.value)
            if what:
                yield Place(f"nothing is sent: {what}", source.path, node.lineno)


def unsent(project: Project, source: Source, node: ast.expr) -> str:
    """Return why an expression sends nothing."""
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        node = node.left
    call = node.func if isinstance(node, ast.Call) else node
    if isinstance(call, ast.Attribute):
        task = project.task_of(source, call.value)
        if task and isinstance(node, ast.Call) and call.attr in {"s", "si", "signature"}:
            return (
                f"{task.node.name}.{call.attr}() makes a signature, and nobody calls it;"
                " add .delay(), or write .delay() instead"
            )
        if task and node is call and call.attr in {"delay", "apply_async"}:
            return f"`{task.node.name}.{call.attr}` is not called; add the parentheses"
    if isinstance(node, ast.Call) and source.dotted(node.func) in CANVAS:
        kind = source.dotted(node.func).rpartition(".")[2]
        if kind != "chord" or len(node.args) > 1:
            return f"a {kind} is made, and nobody calls it; add .delay()"
    return ""


@rule(
    "CK410",
    "error",
    "arguments-do-not-fit",
    "A task is sent with arguments that its function does not take.",
    "howto/types",
)
def arguments_do_not_fit(project: Project) -> Iterator[Place]:
    """Bind the arguments of each send to the function, as Celery does."""
    if redefines(project, "delay", "apply_async"):
        return
    names = [task.name for task in project.tasks]
    for send in project.sends:
        task = send.task
        if names.count(task.name) == 1 and has_plain_signature(task):
            problem = misfit_of_send(send)
            if problem:
                yield Place(
                    f"{task.node.name}.{send.method}(…) raises TypeError: {problem}",
                    send.source.path,
                    send.node.lineno,
                )


def has_plain_signature(task: TaskFunction) -> bool:
    """Say whether Celery compares the arguments with the function as it is written."""
    return (
        is_only_a_task(task)
        and task.option("base") is None
        and task.option("typing") is None
        and not bind_problem(task)  # that is CK408
    )


def misfit_of_send(send: Send) -> str:
    """Return why the arguments of a send do not fit."""
    if not send.method.startswith("delay"):
        return misfit_of_async(send.task, send.node)
    options = options_of(send.node)
    problem = "" if None in options else misfit(send.task, send.node.args, options)
    if options & OPTIONS and "keyword" in problem:
        problem += "; delay() has no options, apply_async() has"
    return problem


def misfit_of_async(task: TaskFunction, node: ast.Call) -> str:
    """Return why the arguments in `apply_async(args, kwargs)` do not fit."""
    options = {keyword.arg: keyword.value for keyword in node.keywords}
    if None in options or any(isinstance(argument, ast.Starred) for argument in node.args):
        return ""
    args = node.args[0] if node.args else options.get("args")
    kwargs = node.args[1] if len(node.args) > 1 else options.get("kwargs")
    if isinstance(args, ast.Constant) and args.value is None:
        args = None
    if isinstance(kwargs, ast.Constant) and kwargs.value is None:
        kwargs = None
    if isinstance(args, (ast.Constant, ast.JoinedStr, ast.Dict, ast.Set)):
        return (
            f"the arguments are `{ast.unparse(args)}`, not a tuple or a list;"
            f" write apply_async(({ast.unparse(args)},))"
        )
    if args is not None and not isinstance(args, (ast.Tuple, ast.List)):
        return ""
    if kwargs is not None and not isinstance(kwargs, ast.Dict):
        return ""
    names: set[str | None] = set()
    for key in kwargs.keys if kwargs else []:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return ""
        names.add(key.value)
    return misfit(task, args.elts if args else [], names)


def misfit(task: TaskFunction, args: list[ast.expr], names: set[str | None]) -> str:
    """Return why these arguments do not fit to a task's function."""
    bind = task.option("bind")
    if any(isinstance(argument, ast.Starred) for argument in args) or not (
        bind is None or isinstance(bind, ast.Constant)
    ):
        return ""
    given = task.node.args
    positional = [*given.posonlyargs, *given.args]
    first_default = len(positional) - len(given.defaults)
    parameters = []
    for number, argument in enumerate(positional):
        kind = (
            inspect.Parameter.POSITIONAL_ONLY
            if number < len(given.posonlyargs)
            else inspect.Parameter.POSITIONAL_OR_KEYWORD
        )
        default = None if number >= first_default else inspect.Parameter.empty
        parameters.append(inspect.Parameter(argument.arg, kind, default=default))
    if is_true(bind):
        if not parameters:
            return ""
        parameters.pop(0)
    if given.vararg:
        parameters.append(inspect.Parameter(given.vararg.arg, inspect.Parameter.VAR_POSITIONAL))
    for argument, value in zip(given.kwonlyargs, given.kw_defaults):
        default = inspect.Parameter.empty if value is None else None
        parameters.append(
            inspect.Parameter(argument.arg, inspect.Parameter.KEYWORD_ONLY, default=default)
        )
    if given.kwarg:
        parameters.append(inspect.Parameter(given.kwarg.arg, inspect.Parameter.VAR_KEYWORD))
    try:
        inspect.Signature(parameters).bind(*args, **{str(name): None for name in names})
    except TypeError as error:
        return str(error)
    return ""

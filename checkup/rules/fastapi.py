"""About FastAPI: event loop and threads, what only a request has, what cannot be sent, the commit of a session."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from checkup.finding import Place, rule
from checkup.project import Project, Send
from checkup.source import FunctionNode, Source
from checkup.values import (
    annotated,
    arguments,
    assigned,
    bindings,
    calls_in,
    json_only,
    leaves,
    parameter,
    parameters,
    plain,
    said,
    sends_itself,
)

ROUTES = {"get", "post", "put", "patch", "delete", "head", "options", "api_route", "websocket"}
DEPENDS = {"fastapi.Depends", "fastapi.Security", "fastapi.params.Depends"}
TO_THREAD = {
    "fastapi.concurrency.run_in_threadpool": 0,
    "starlette.concurrency.run_in_threadpool": 0,
    "asyncio.to_thread": 0,
    "anyio.to_thread.run_sync": 0,
}
BACKGROUND = {
    "fastapi.BackgroundTasks",
    "fastapi.background.BackgroundTasks",
    "starlette.background.BackgroundTasks",
}
BACKGROUND_TASK = "starlette.background.BackgroundTask"
RESULT = "celery.result.AsyncResult"
BASE_MODELS = {"pydantic.BaseModel", "pydantic.main.BaseModel", "sqlmodel.SQLModel"}
# What cannot be sent, and what to send in its place.
OF_REQUEST = {
    **dict.fromkeys(
        ("fastapi.UploadFile", "fastapi.datastructures.UploadFile"),
        ("the upload", "save it and pass its name"),
    ),
    **dict.fromkeys(
        (
            "fastapi.Request",
            "fastapi.requests.Request",
            "starlette.requests.Request",
            "fastapi.WebSocket",
        ),
        ("the request", "pass the values that the task needs"),
    ),
    **dict.fromkeys(
        (
            "sqlalchemy.orm.Session",
            "sqlalchemy.orm.session.Session",
            "sqlalchemy.ext.asyncio.AsyncSession",
            "sqlalchemy.ext.asyncio.session.AsyncSession",
            "sqlmodel.Session",
            "sqlmodel.ext.asyncio.session.AsyncSession",
        ),
        ("the database session", "let the task open its own"),
    ),
}
MODEL_FROM_CELERY = (5, 7)  # the first version whose .delay() takes models, for pydantic=True


@dataclass
class Reach:
    """The functions that certainly run on the event loop of the web process, and those in its threads."""

    loop: set[ast.AST] = field(default_factory=set)
    thread: set[ast.AST] = field(default_factory=set)


def _reach(project: Project) -> Reach:
    """Follow the calls from endpoints, dependencies, middleware and background tasks, once for a project."""
    known = vars(project)
    if "_reach" not in known:
        known["_reach"] = _follow(project)
    found: Reach = known["_reach"]
    return found


def _follow(project: Project) -> Reach:
    reach = Reach()
    waiting: list[tuple[Source, FunctionNode, bool]] = list(_roots(project))
    tasks = {task.node for task in project.tasks}
    while waiting:
        source, function, on_loop = waiting.pop()
        seen = reach.loop if on_loop else reach.thread
        if function in seen or function in tasks:
            continue
        seen.add(function)
        for call in calls_in(source, function):
            called = _function(project, source, call.func)
            if called and (on_loop or isinstance(called[1], ast.FunctionDef)):
                waiting.append((*called, on_loop))
            handed = _function(project, source, _handed(project, source, call))
            if handed and isinstance(handed[1], ast.FunctionDef):
                waiting.append((*handed, False))
    return reach


def _roots(project: Project) -> Iterator[tuple[Source, FunctionNode, bool]]:
    """Give what FastAPI itself calls, and whether it does so on its loop."""
    for source in project.sources:
        if source.is_test:
            continue
        if any(name.split(".")[0] == "fastapi" for name in source.names.values()):
            for function in source.functions():
                if any(_is_route(decorator) for decorator in function.decorator_list):
                    yield source, function, isinstance(function, ast.AsyncFunctionDef)
        for call in source.calls():
            given = None
            if source.dotted(call.func) in DEPENDS and call.args:
                given = call.args[0]
            elif isinstance(call.func, ast.Attribute) and call.func.attr == "add_task":
                given = call.args[0] if call.args else None
            found = _function(project, source, given)
            if found:
                yield (*found, isinstance(found[1], ast.AsyncFunctionDef))


def _is_route(decorator: ast.expr) -> bool:
    """Say whether a decorator makes a function an endpoint or a middleware."""
    if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
        return False
    first = decorator.args[0] if decorator.args else None
    if decorator.func.attr == "middleware":
        return isinstance(first, ast.Constant) and first.value == "http"
    if decorator.func.attr not in ROUTES:
        return False
    keywords = {keyword.arg for keyword in decorator.keywords}
    return first is not None or "path" in keywords


def _function(
    project: Project, source: Source, node: ast.expr | None
) -> tuple[Source, FunctionNode] | None:
    """Return the function of the project that an expression names, if it does for certain."""
    if not isinstance(node, (ast.Name, ast.Attribute)):
        return None
    if isinstance(node, ast.Name) and project.is_local(source, node):
        return None
    name = source.dotted(node)
    return project.functions.get(project.resolve(name)) if name else None


def _handed(project: Project, source: Source, call: ast.Call) -> ast.expr | None:
    """Return what a call hands to a thread."""
    name = project.resolve(source.dotted(call.func))
    if name in TO_THREAD and call.args:
        return call.args[0]
    if name.endswith(".run_in_executor") and len(call.args) > 1:
        return call.args[1]
    if isinstance(call.func, ast.Attribute) and call.func.attr == "run_in_executor":
        return call.args[1] if len(call.args) > 1 else None
    return None


def _is_result(  # noqa: PLR0911 - one form after the other
    project: Project, source: Source, node: ast.AST | None
) -> bool:
    """Say whether an expression is the result of a task that may still run."""
    if isinstance(node, ast.Await):
        handed = _handed(project, source, node.value) if isinstance(node.value, ast.Call) else None
        return (
            isinstance(handed, ast.Attribute)
            and handed.attr in {"delay", "apply_async"}
            and project.task_of(source, handed.value) is not None
        )
    if not isinstance(node, ast.Call):
        return False
    if any(send.node is node for send in project.sends):
        return True
    if not isinstance(node.func, (ast.Name, ast.Attribute)):
        return False
    name = project.resolve(source.dotted(node.func))
    if name == RESULT:
        return True
    base, _, last = name.rpartition(".")
    if last != "AsyncResult" or not isinstance(node.func, ast.Attribute):
        return False
    owner = project.resolve(base)
    return owner in project.celery_names or project.task_of(source, node.func.value) is not None


@rule(
    "CK701",
    "error",
    "get-in-async",
    "An `async def` waits for the result of a task with `.get()`, and the event loop with it.",
    "fastapi/async-endpoints",
    frameworks=("fastapi",),
)
def get_in_async(project: Project) -> Iterator[Place]:
    """Report ``.get()`` and ``.wait()`` on the loop, where nothing has asked before whether the task is done."""
    loop = _reach(project).loop
    for source in project.sources:
        for function in source.functions():
            if function not in loop or not isinstance(function, ast.AsyncFunctionDef):
                continue
            for call in calls_in(source, function):
                if (
                    isinstance(call.func, ast.Attribute)
                    and call.func.attr in {"get", "wait"}
                    and not isinstance(source.parents[call], ast.Await)
                    and _waits(project, source, function, call.func.value)
                ):
                    yield Place(
                        f"{function.name}() is async, and .{call.func.attr}() stops its event loop until the task"
                        " ends: answer with the task's id, and let the client ask for the result",
                        source.path,
                        call.lineno,
                    )


def _waits(project: Project, source: Source, function: FunctionNode, node: ast.expr) -> bool:
    """Say whether an expression is the result of a task that nothing has asked for its state."""
    if not isinstance(node, ast.Name):
        return _is_result(project, source, node)
    asks = {"ready", "successful", "failed", "state", "status", "result", "info"}
    for inner in ast.walk(function):
        if (
            isinstance(inner, ast.Attribute)
            and inner.attr in asks
            and isinstance(inner.value, ast.Name)
            and inner.value.id == node.id
        ):
            return False
    places = bindings(function, node.id)
    return bool(places) and all(
        isinstance(source.parents[place], (ast.Assign, ast.AnnAssign))
        and _is_result(project, source, getattr(source.parents[place], "value", None))
        for place in places
    )


@rule(
    "CK702",
    "warning",
    "delay-in-async",
    "A task is sent in an `async def`, whose event loop stands still until the broker has answered.",
    "fastapi/async-endpoints",
    frameworks=("fastapi",),
)
def delay_in_async(project: Project) -> Iterator[Place]:
    """Report a send that certainly runs on the loop of the web process."""
    loop = _reach(project).loop if project.sends else set()
    for send in project.sends:
        function = send.source.function_of(send.node)
        if (
            isinstance(function, ast.AsyncFunctionDef)
            and function in loop
            and sends_itself(project, send.task)
        ):
            yield Place(
                f"{function.name}() is async, and {said(send)} stops its event loop until the broker has answered:"
                f" write def, or await run_in_threadpool({send.task.node.name}.{send.method}, …)",
                send.source.path,
                send.node.lineno,
            )


@rule(
    "CK703",
    "warning",
    "app-not-found-in-thread",
    "A thread of FastAPI asks for the current Celery app, and finds another one: `set_default()` is missing.",
    "fastapi/threads",
    frameworks=("fastapi",),
    needs_app=True,
)
def app_not_found_in_thread(project: Project) -> Iterator[Place]:
    """Report ``@shared_task`` and ``AsyncResult`` in what runs in threads, if the app is not the default."""
    from celery import _state

    if _state.default_app is project.app or _sets_default(project):
        return
    reach = _reach(project)
    shared = {task.node for task in project.tasks if _is_shared(project, task.source, task.node)}
    app = project.app_name
    for source in project.sources:
        for function in source.functions():
            for call in calls_in(source, function) if function in reach.thread else ():
                if project.resolve(source.dotted(call.func)) == RESULT and not any(
                    keyword.arg in {"app", None} for keyword in call.keywords
                ):
                    yield Place(
                        f"{function.name}() runs in a thread, where AsyncResult() does not find the app {app}: call"
                        " set_default() on the app, or use its own AsyncResult()",
                        source.path,
                        call.lineno,
                    )
    for send_source, node, method, task_node, name in _sends_in_threads(project, reach):
        if task_node in shared:
            yield Place(
                f"{name}.{method}() runs in a thread, where a @shared_task does not find the app {app}: call"
                " set_default() on the app",
                send_source.path,
                node.lineno,
            )


def _sends_in_threads(
    project: Project, reach: Reach
) -> Iterator[tuple[Source, ast.expr, str, FunctionNode, str]]:
    """Give the sends in functions that run in threads, and those that are handed to a thread."""
    for send in project.sends:
        if send.source.function_of(send.node) in reach.thread:
            yield send.source, send.node, send.method, send.task.node, send.task.node.name
    for source in project.sources:
        if source.is_test:
            continue
        for call in source.calls():
            handed = _handed(project, source, call)
            if isinstance(handed, ast.Attribute) and handed.attr in {"delay", "apply_async"}:
                task = project.task_of(source, handed.value)
                if task and source.function_of(call) in reach.loop:
                    yield source, call, handed.attr, task.node, task.node.name


def _sets_default(project: Project) -> bool:
    """Say whether some file calls ``set_default()``, perhaps one that is not loaded here."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"set_default", "set_default_app"}
        for source in project.sources
        if not source.is_test
        for node in ast.walk(source.tree)
    )


def _is_shared(project: Project, source: Source, node: FunctionNode) -> bool:
    """Say whether a task is made with ``@shared_task``."""
    return any(
        project.resolve(
            source.dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        )
        in {"celery.shared_task", "celery.app.shared_task"}
        for decorator in node.decorator_list
    )


@rule(
    "CK704",
    "error",
    "task-in-background-tasks",
    "A Celery task is given to BackgroundTasks, which runs it in the web process and sends nothing.",
    "fastapi/background-tasks",
    frameworks=("fastapi",),
)
def task_in_background_tasks(project: Project) -> Iterator[Place]:
    """Report ``add_task()`` and ``BackgroundTask()`` with a task as the function."""
    for source in project.sources:
        if source.is_test or not project.tasks:
            continue
        for call in source.calls():
            if not call.args or not isinstance(call.args[0], (ast.Name, ast.Attribute)):
                continue
            task = project.task_of(source, call.args[0])
            if task and _is_background(project, source, call):
                name = task.node.name
                yield Place(
                    f"add_task({name}, …) runs the Celery task {name}() in the web process, and sends nothing to a"
                    f" worker: call {name}.delay(…)",
                    source.path,
                    call.lineno,
                )


def _is_background(project: Project, source: Source, call: ast.Call) -> bool:
    """Say whether a call gives its first argument to FastAPI's background tasks."""
    if project.resolve(source.dotted(call.func)) == BACKGROUND_TASK:
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_task":
        return False
    base = call.func.value
    function = source.function_of(call)
    if not isinstance(base, ast.Name) or function is None:
        return False
    argument = parameter(function, base.id)
    if argument is not None:
        return annotated(project, source, argument.annotation) in BACKGROUND
    places = bindings(function, base.id)
    return bool(places) and all(
        isinstance(getattr(source.parents[place], "value", None), ast.Call)
        and project.resolve(source.dotted(source.parents[place].value.func)) in BACKGROUND  # type: ignore[attr-defined]
        for place in places
    )


@rule(
    "CK705",
    "error",
    "depends-in-task",
    "A parameter of a task has `Depends(…)`, which only FastAPI resolves, and only for a request.",
    "fastapi/dependencies",
    frameworks=("fastapi",),
)
def depends_in_task(project: Project) -> Iterator[Place]:
    """Report a parameter of a task that waits for FastAPI; another decorator may fill it, so such a task is left."""
    for task in project.tasks:
        if task.source.is_test or len(task.node.decorator_list) > 1:
            continue
        arguments_ = task.node.args
        plain_ones = [*arguments_.posonlyargs, *arguments_.args]
        defaults = [
            *zip(reversed(plain_ones), reversed(arguments_.defaults)),
            *zip(arguments_.kwonlyargs, arguments_.kw_defaults),
        ]
        given = {argument.arg: default for argument, default in defaults}
        for argument in parameters(task.node):
            if _is_depends(project, task.source, given.get(argument.arg)):
                what = f"is the object Depends(…) itself when {task.node.name}() runs"
            elif _in_annotated(project, task.source, argument.annotation):
                what = f"is filled by nobody when {task.node.name}() is sent"
            else:
                continue
            yield Place(
                f"the parameter {argument.arg} {what}: open what it gives inside the task",
                task.source.path,
                argument.lineno,
            )


def _is_depends(project: Project, source: Source, node: ast.AST | None) -> bool:
    """Say whether an expression is ``Depends(…)``."""
    return isinstance(node, ast.Call) and project.resolve(source.dotted(node.func)) in DEPENDS


def _in_annotated(project: Project, source: Source, node: ast.AST | None) -> bool:
    """Say whether an annotation is ``Annotated[…, Depends(…)]``, or the project's name for one."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        owner, value = assigned(project, project.resolve(source.dotted(node)))
        return (
            owner is not None
            and isinstance(value, ast.Subscript)
            and _in_annotated(project, owner, value)
        )
    if not isinstance(node, ast.Subscript):
        return False
    name = project.resolve(source.dotted(node.value))
    return name in {"typing.Annotated", "typing_extensions.Annotated"} and any(
        _is_depends(project, source, inner) for inner in ast.walk(node)
    )


@rule(
    "CK706",
    "error",
    "pydantic-model-argument",
    "A Pydantic model is passed to a task that is not declared with `pydantic=True`.",
    "fastapi/pydantic",
    frameworks=("fastapi",),
)
def pydantic_model_argument(project: Project) -> Iterator[Place]:
    """Report an argument that is certainly a model, where the message is JSON."""
    import celery

    for send in project.sends:
        option = send.task.option("pydantic")
        declared = option is not None and not (
            isinstance(option, ast.Constant) and option.value is False
        )
        if not plain(project, send) or (
            declared and tuple(celery.VERSION[:2]) >= MODEL_FROM_CELERY
        ):
            continue
        for argument in arguments(send):
            model = _model(project, send.source, argument)
            if model and json_only(project):
                text = ast.unparse(argument)
                also = "" if declared else ", or declare the task with pydantic=True"
                yield Place(
                    f"{said(send)} gets {text}, a {model}, which ends in EncodeError: pass"
                    f" {_dumped(argument)}{also}",
                    send.source.path,
                    argument.lineno,
                )


def _dumped(argument: ast.expr) -> str:
    """Return what to pass in place of a model."""
    dump = 'model_dump(mode="json")'
    return f"{argument.id}.{dump}" if isinstance(argument, ast.Name) else f"its {dump}"


def _model(project: Project, source: Source, node: ast.expr) -> str:
    """Return the name of the Pydantic model that an expression is an instance of for certain, or ``""``."""
    if isinstance(node, ast.Call):
        func = node.func
        if isinstance(func, ast.Name) and project.is_local(source, func):
            return ""
        if isinstance(func, ast.Attribute) and func.attr in {"model_validate", "parse_obj"}:
            func = func.value
        return _is_model(project, project.resolve(source.dotted(func)))
    function = source.function_of(node)
    if function is None or not isinstance(node, ast.Name):
        return ""
    argument = parameter(function, node.id)
    places = bindings(function, node.id)
    if argument is not None:
        return "" if places else _is_model(project, annotated(project, source, argument.annotation))
    models = set()
    for place in places:
        value = getattr(source.parents[place], "value", None)
        assigns = isinstance(source.parents[place], (ast.Assign, ast.AnnAssign))
        models.add(
            _model(project, source, value) if assigns and isinstance(value, ast.Call) else ""
        )
    return models.pop() if len(models) == 1 else ""


def _is_model(project: Project, name: str) -> str:
    """Return the short name of a class of the project if that is a Pydantic model, or ``""``."""
    known = name in project.classes and project.derives(name, BASE_MODELS)
    return name.rpartition(".")[2] if known else ""


@rule(
    "CK707",
    "error",
    "request-object-argument",
    "An upload, a request or a database session is passed to a task; none of them can be sent.",
    "fastapi/arguments",
    frameworks=("fastapi",),
)
def request_object_argument(project: Project) -> Iterator[Place]:
    """Report a parameter of that type that is passed on as it is."""
    for send in project.sends:
        function = send.source.function_of(send.node)
        if function is None or not plain(project, send):
            continue
        for value in arguments(send):
            argument = parameter(function, value.id) if isinstance(value, ast.Name) else None
            if argument is None or bindings(function, argument.arg):
                continue
            kind = annotated(project, send.source, argument.annotation)
            if kind in OF_REQUEST and json_only(project):
                what, cure = OF_REQUEST[kind]
                yield Place(
                    f"{said(send)} gets {argument.arg}, {what}, which ends in EncodeError: {cure}",
                    send.source.path,
                    value.lineno,
                )


@rule(
    "CK708",
    "error",
    "sent-before-commit",
    "A task gets the id of a row before the session commits it, so a worker can look too early.",
    "fastapi/after-commit",
    frameworks=("fastapi",),
)
def sent_before_commit(project: Project) -> Iterator[Place]:
    """Report a send of ``x.id`` between ``session.add(x)`` and the ``session.commit()`` of one function."""
    for send in project.sends:
        function = send.source.function_of(send.node)
        if function is None or not sends_itself(project, send.task):
            continue
        names = {
            argument.value.id
            for argument in arguments(send)
            if isinstance(argument, ast.Attribute) and isinstance(argument.value, ast.Name)
        }
        commit = _commit_after(send, function, names)
        if commit:
            yield Place(
                f"{said(send)} sends the id of a row that is only committed in line {commit}: commit first",
                send.source.path,
                send.node.lineno,
            )


def _commit_after(send: Send, function: FunctionNode, names: set[str]) -> int:
    """Return the line of the commit that certainly follows a send and commits what was added before it, or 0."""
    source = send.source
    before: set[str] = set()  # sessions with one of the rows in it
    spoiled: set[str] = set()
    statements = _outer_statements(source, function, send.node)
    for call in calls_in(source, function):
        if not isinstance(call.func, ast.Attribute):
            continue
        session, method = ast.unparse(call.func.value), call.func.attr
        first = call.args[0] if call.args else None
        if call.lineno < send.node.lineno:
            if (
                method == "add"
                and isinstance(first, ast.Name)
                and first.id in names
                and _statement(source, call, statements)
            ):
                before.add(session)
            elif method in {"commit", "rollback", "begin", "begin_nested"}:
                spoiled.add(session)
    for call in calls_in(source, function):
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "commit"
            and call.lineno > send.node.lineno
            and ast.unparse(call.func.value) in before - spoiled
            and _statement(source, call, statements)
            and not leaves(source, send.node, (ast.Raise, ast.Return), call.lineno)
        ):
            return call.lineno
    return 0


def _outer_statements(source: Source, function: FunctionNode, node: ast.AST) -> list[ast.stmt]:
    """Return the statements of each block that a node is in, up to its function."""
    found: list[ast.stmt] = []
    for outer in source.around(node):
        for block in ("body", "orelse", "finalbody", "handlers"):
            statements = getattr(outer, block, None)
            if isinstance(statements, list) and any(
                inner is node or node in ast.walk(inner) for inner in statements
            ):
                found += statements
        if outer is function:
            break
    return found


def _statement(source: Source, call: ast.Call, statements: list[ast.stmt]) -> bool:
    """Say whether a call is all of one of these statements."""
    outer = source.parents[call]
    if isinstance(outer, ast.Await):
        outer = source.parents[outer]
    return isinstance(outer, ast.Expr) and outer in statements

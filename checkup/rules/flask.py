"""About Flask: the application context, the request, and the app that a thread finds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from checkup.finding import Place, rule
from checkup.project import Project, TaskFunction
from checkup.rules.fastapi import sent_before_commit
from checkup.rules.tasks import (
    at_top,
    body,
    is_only_a_task,
    options_of,
    production,
    registered_task,
)
from checkup.source import Source

# What raises "Working outside of application context." when it is used without one.
NEED_CONTEXT = {
    "flask.current_app",
    "flask.g",
    "flask.render_template",
    "flask.render_template_string",
    "flask.url_for",
}
# What raises "Working outside of request context." when it is used without one.
NEED_REQUEST = {"flask.request", "flask.session"}


def words(node: ast.AST) -> set[str]:
    """Return the names and attributes in code."""
    return {
        word
        for part in ast.walk(node)
        for word in (getattr(part, "id", ""), getattr(part, "attr", ""), getattr(part, "name", ""))
        if isinstance(word, str)
    }


def uses(project: Project, task: TaskFunction, wanted: set[str]) -> Iterator[tuple[ast.expr, str]]:
    """Give where a task's own body uses an attribute of one of these names, or calls it."""
    source = task.source
    for part in body(task.node):
        used = (
            part.value
            if isinstance(part, (ast.Attribute, ast.Subscript))
            else part.func
            if isinstance(part, ast.Call)
            else None
        )
        name = project.resolve(source.dotted(used)) if used is not None else ""
        if used is None or name not in wanted:
            continue
        first = next(node for node in ast.walk(used) if isinstance(node, ast.Name))
        if not project.is_local(source, first):
            yield used, name


def databases(project: Project) -> set[str]:
    """Return the sessions of Flask-SQLAlchemy: ``shop.extensions.db.session``; before 3.0 they need no context."""
    found: set[str] = set()
    try:
        if version("flask-sqlalchemy").startswith(("0.", "1.", "2.")):
            return found
    except PackageNotFoundError:
        return found
    for source in project.sources:
        for node in source.tree.body:
            if not isinstance(node, (ast.Assign, ast.AnnAssign)):
                continue
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if (
                isinstance(node.value, ast.Call)
                and source.dotted(node.value.func) == "flask_sqlalchemy.SQLAlchemy"
            ):
                found |= {
                    f"{source.module}.{target.id}.session"
                    for target in targets
                    if isinstance(target, ast.Name)
                }
    return found


@rule(
    "CK501",
    "error",
    "context-not-pushed",
    "A task needs Flask's application context, and nothing opens it in the worker.",
    "flask/contexts",
    frameworks=("flask",),
    needs_app=True,
)
def context_not_pushed(project: Project) -> Iterator[Place]:
    """Report `current_app`, `db.session` and the like in tasks that run as Celery's own do."""
    if opens_contexts_elsewhere(project):
        return
    wanted = NEED_CONTEXT | databases(project)
    for task in production(project):
        if not at_top(task) or not is_only_a_task(task) or "app_context" in words(task.node):
            continue
        registered = registered_task(project, task)
        if registered is None or not runs_bare(registered):
            continue
        for node, name in uses(project, task, wanted):
            yield Place(
                f"the task {task.node.name} uses {name.rpartition('.')[2] if name in NEED_CONTEXT else ast.unparse(node)}"
                " without an application context, and ends in `RuntimeError: Working outside of application"
                " context.`; give the Celery app a task class that opens one, by task_cls=FlaskTask",
                task.source.path,
                node.lineno,
            )
            break


def runs_bare(task: object) -> bool:
    """Say whether a task's class calls the function as Celery's own class does."""
    from celery import Task

    return type(task).__call__ is Task.__call__


def opens_contexts_elsewhere(project: Project) -> bool:
    """Say whether a module, a signal or a command of the project may open a context for a whole worker."""
    return any(
        not source.is_test
        and any(
            isinstance(call.func, ast.Attribute)
            and call.func.attr in {"push", "__enter__", "enter_context", "worker_main"}
            for call in source.calls()
        )
        for source in project.sources
    )


@rule(
    "CK503",
    "warning",
    "no-default-app",
    "Shared tasks or results are used, and only the thread that made the Celery app finds it.",
    "flask/app-factory",
    frameworks=("flask",),
    needs_app=True,
)
def no_default_app(project: Project) -> Iterator[Place]:
    """Look whether other threads find the app, if something asks them to."""
    from celery import _state

    if _state.default_app is project.app or project.app_error or project.import_error:
        return
    for source in project.sources:
        if not source.is_test and {"set_default", "set_default_app"} & words(source.tree):
            return  # it is called where this program does not look
    asked = asks_current_app(project)
    if asked:
        source, line, what = asked
        yield Place(
            f"{what} asks for the current Celery app, and in a thread of the web server that is not -A"
            f" {project.app_name} but an empty one; call .set_default() where the Celery app is made",
            source.path,
            line,
        )


def asks_current_app(project: Project) -> tuple[Source, int, str] | None:
    """Return the first place, in a function, that needs the app of the thread."""
    for send in project.sends:
        decorator = send.task.decorator
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        shared = project.resolve(send.task.source.dotted(target)).endswith("shared_task")
        if (
            shared
            and send.source.function_of(send.node)
            and not in_task(project, send.source, send.node)
        ):
            return send.source, send.node.lineno, f"{send.task.node.name}.{send.method}()"
    for source in project.sources:
        for call in () if source.is_test else source.calls():
            if (
                source.dotted(call.func) == "celery.result.AsyncResult"
                and len(call.args) == 1
                and not options_of(call) & {"app", "backend", None}
                and source.function_of(call)
                and not in_task(project, source, call)
            ):
                return source, call.lineno, "AsyncResult()"
    return None


def in_task(project: Project, source: Source, node: ast.AST) -> bool:
    """Say whether code is in a task, so runs in a worker."""
    functions = {task.node for task in project.tasks}
    return any(outer in functions for outer in source.around(node))


@rule(
    "CK504",
    "error",
    "request-in-task",
    "A task reads the request or the session of Flask, and a worker has none.",
    "flask/urls-user-language",
    frameworks=("flask",),
)
def request_in_task(project: Project) -> Iterator[Place]:
    """Report `request` and `session` in the bodies of tasks."""
    made_up = {"test_request_context", "request_context", "RequestContextTask", "RequestContext"}
    found = {
        task.node: use
        for task in production(project)
        if is_only_a_task(task) and "has_request_context" not in words(task.node)
        for use in list(uses(project, task, NEED_REQUEST))[:1]
    }
    sources = [source for source in project.sources if not source.is_test]
    if not found or any(made_up & words(source.tree) for source in sources):
        return
    for task in production(project):
        if task.node in found:
            node, name = found[task.node]
            yield Place(
                f"the task {task.node.name} uses flask.{name.rpartition('.')[2]}, and ends in `RuntimeError: Working"
                " outside of request context.`, as no request reaches a worker; pass what it needs as an argument",
                task.source.path,
                node.lineno,
            )


@rule(
    "CK505",
    "error",
    "task-before-commit",
    "A task gets the id of a row before the session commits it, so a worker can look too early.",
    "flask/after-commit",
    frameworks=("flask",),
)
def task_before_commit(project: Project) -> Iterator[Place]:
    """Look for what CK708 looks for in FastAPI."""
    yield from sent_before_commit(project)

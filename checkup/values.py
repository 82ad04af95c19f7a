"""What a send passes to its task, and whether that must be JSON."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from checkup.project import Project, Send, TaskFunction
from checkup.source import FunctionNode, Source

TASKS = {
    "celery.Task",
    "celery.app.task.Task",
    "celery.contrib.django.task.DjangoTask",
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def arguments(send: Send) -> Iterator[ast.expr]:
    """Give the expressions that a send passes to the task, as far as they are written out in the call."""
    call = send.node
    if send.method.startswith("delay"):
        yield from (argument for argument in call.args if not isinstance(argument, ast.Starred))
        yield from (keyword.value for keyword in call.keywords if keyword.arg)
        return
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    given: list[ast.expr | None] = [*call.args[:2]]
    if any(isinstance(argument, ast.Starred) for argument in given):
        return
    given += [named.get(name) for name in ("args", "kwargs")[len(given) :]]
    for value in given:
        if isinstance(value, (ast.List, ast.Tuple)):
            yield from value.elts
        elif isinstance(value, ast.Dict):
            yield from (inner for key, inner in zip(value.keys, value.values) if key is not None)


def json_only(project: Project) -> bool:
    """Say whether arguments are sent as JSON, and nothing of the project teaches that further types."""
    if project.app is not None and project.app.conf.task_serializer != "json":
        return False
    return not any(_teaches(source, project.app is None) for source in project.sources)


def _teaches(source: Source, settings: bool) -> bool:  # noqa: C901, FBT001 - one kind of node after the other
    """Say whether a file extends the serializer of JSON, or chooses another, if its settings count."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = source.dotted(node.func)
            if name.endswith(("register_type", "serialization.register", "set_default_serializer")):
                return True
            if settings and any(_other(word.arg or "", word.value) for word in node.keywords):
                return True
        elif isinstance(node, FUNCTIONS) and node.name == "__json__":
            return True
        elif settings and isinstance(node, ast.Assign):
            for target in node.targets:
                written = getattr(target, "id", None) or getattr(target, "attr", None) or ""
                if _other(written, node.value):
                    return True
        elif settings and isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and _other(str(key.value), value):
                    return True
    return False


def _other(name: str, value: ast.expr) -> bool:
    """Say whether a setting chooses a serializer for tasks that is not certain to be JSON."""
    return name.lower().endswith("task_serializer") and not (
        isinstance(value, ast.Constant) and value.value == "json"
    )


def plain(project: Project, send: Send) -> bool:
    """Say whether a send passes its arguments on as they are, with the serializer of the app."""
    words = {keyword.arg for keyword in send.node.keywords}
    own = send.method.startswith("apply") and bool(words & {"serializer", None})
    return not own and send.task.option("serializer") is None and sends_itself(project, send.task)


def sends_itself(project: Project, task: TaskFunction) -> bool:
    """Say whether ``.delay()`` of a task is Celery's, and not that of a class which may wait or change arguments."""
    base = task.option("base")
    if base is not None:
        name = project.resolve(task.source.dotted(base))
        return bool(name) and _is_celerys(project, name)
    if project.app is not None:
        from celery import Task

        return (project.app.Task.apply_async, project.app.Task.delay) == (
            Task.apply_async,
            Task.delay,
        )
    known = vars(project)  # asked for each send, and the same for all
    if "_chooses_class" not in known:
        known["_chooses_class"] = any(
            keyword.arg == "task_cls"
            for source in project.sources
            for call in source.calls()
            for keyword in call.keywords
        )
    return not known["_chooses_class"]


def _is_celerys(project: Project, name: str, depth: int = 10) -> bool:
    """Say whether a class of tasks, and all that it is derived from, leave sending to Celery."""
    module, _, last = name.rpartition(".")
    if name in TASKS or (last == "Task" and module in project.celery_names):
        return True
    if name not in project.classes or not depth:
        return False
    source, node = project.classes[name]
    defined = {inner.name for inner in node.body if isinstance(inner, FUNCTIONS)}
    return not defined & {"apply_async", "delay", "__getattribute__", "__getattr__"} and all(
        _is_celerys(project, project.resolve(source.dotted(base)), depth - 1) for base in node.bases
    )


def is_task(project: Project, node: FunctionNode) -> bool:
    """Say whether a function is a task."""
    return any(task.node is node for task in project.tasks)


def calls_in(source: Source, node: FunctionNode) -> Iterator[ast.Call]:
    """Give the calls in the body of a function, without those in functions and lambdas in it."""
    for statement in node.body:
        for inner in ast.walk(statement):
            if isinstance(inner, ast.Call) and source.function_of(inner) is node:
                yield inner


def leaves(
    source: Source, node: ast.AST, kinds: tuple[type[ast.stmt], ...], until: int = 0
) -> bool:
    """Say whether what follows a node, in its block or one around that in its function, raises or returns.

    A statement from the line ``until`` on does not count.
    """
    for outer in [node, *source.around(node)]:
        if isinstance(outer, (*FUNCTIONS, ast.With, ast.AsyncWith)):
            return False
        parent = source.parents.get(outer)
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(parent, block, None)
            if isinstance(statements, list) and outer in statements:
                for later in statements[statements.index(outer) + 1 :]:
                    if isinstance(later, kinds) and not 0 < until <= later.lineno:
                        return True
    return False


def bindings(node: FunctionNode, name: str) -> list[ast.Name]:
    """Give the places in a function where a name gets a value."""
    return [
        inner
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name)
        and inner.id == name
        and isinstance(inner.ctx, (ast.Store, ast.Del))
    ]


def parameter(node: FunctionNode, name: str) -> ast.arg | None:
    """Return a parameter of a function."""
    every = parameters(node)
    return next((argument for argument in every if argument.arg == name), None)


def parameters(node: FunctionNode) -> list[ast.arg]:
    """Give the parameters of a function, without ``*args`` and ``**kwargs``."""
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def annotated(  # noqa: PLR0911 - one form of annotation after the other
    project: Project, source: Source, annotation: ast.expr | None
) -> str:
    """Return the dotted name of the class in an annotation, without ``Annotated``, ``Optional`` and ``| None``."""
    node = annotation
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [node.left, node.right]
        kept = [side for side in sides if not (isinstance(side, ast.Constant) and not side.value)]
        return annotated(project, source, kept[0]) if len(kept) == 1 else ""
    if isinstance(node, ast.Subscript):
        outer = project.resolve(source.dotted(node.value))
        inner = node.slice
        inner = getattr(inner, "value", inner) if type(inner).__name__ == "Index" else inner
        if outer in {"typing.Annotated", "typing_extensions.Annotated"}:
            return annotated(project, source, inner.elts[0]) if isinstance(inner, ast.Tuple) else ""
        if outer == "typing.Optional":
            return annotated(project, source, inner)
        return ""
    if node is None:
        return ""
    name = project.resolve(source.dotted(node))
    owner, value = assigned(project, name)  # SessionDep = Annotated[Session, Depends(...)]
    if owner and isinstance(value, ast.Subscript):
        return annotated(project, owner, value)
    return name


def assigned(project: Project, name: str) -> tuple[Source | None, ast.expr | None]:
    """Return the value that the top of a module of the project gives a dotted name, if it does so once."""
    module, _, last = name.rpartition(".")
    source = project.by_module.get(module)
    values = [
        node.value
        for node in (source.tree.body if source else [])
        if isinstance(node, (ast.Assign, ast.AnnAssign))
        and any(
            isinstance(target, ast.Name) and target.id == last
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        )
    ]
    return (source, values[0]) if len(values) == 1 else (None, None)


def said(send: Send) -> str:
    """Return a send as a message names it: ``send_receipt.delay()``."""
    return f"{send.task.node.name}.{send.method}()"


def task_body(task: TaskFunction) -> list[ast.stmt]:
    """Return the statements of a task, without its docstring and imports."""
    body = task.node.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return [node for node in body if not isinstance(node, (ast.Import, ast.ImportFrom))]

"""About Django: transactions, models as arguments, database connections, the order of settings and app."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from checkup.finding import Place, rule
from checkup.project import Project, Send
from checkup.source import FunctionNode, Source
from checkup.values import (
    FUNCTIONS,
    annotated,
    arguments,
    bindings,
    calls_in,
    is_task,
    json_only,
    leaves,
    parameter,
    plain,
    said,
    sends_itself,
    task_body,
)

ATOMIC = {"django.db.transaction.atomic", "django.db.transaction.Atomic"}
SIGNALS = {
    f"django.db.models.signals.{name}": name
    for name in ("pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")
}
MODELS = {
    "django.db.models.Model",
    "django.contrib.gis.db.models.Model",
    "django.contrib.auth.models.AbstractBaseUser",
    "django.contrib.auth.models.AbstractUser",
    "django.contrib.auth.models.Group",
    "django.contrib.auth.models.User",
    "django_extensions.db.models.TimeStampedModel",
    "model_utils.models.TimeStampedModel",
}
FORMS = {
    "django.forms.ModelForm",
    "django.forms.models.ModelForm",
    "django.contrib.auth.forms.BaseUserCreationForm",
    "django.contrib.auth.forms.UserCreationForm",
}
VIEWS = {
    f"django.views.generic{part}.{name}View"
    for name, module in (
        ("Create", "edit"),
        ("Update", "edit"),
        ("Delete", "edit"),
        ("Detail", "detail"),
    )
    for part in ("", f".{module}")
}
SHORTCUTS = {"django.shortcuts.get_object_or_404", "rest_framework.generics.get_object_or_404"}
# What a queryset gives, and what leaves it a queryset of instances.
ONE = {
    *("get", "create", "first", "last", "earliest", "latest"),
    *("aget", "acreate", "afirst", "alast", "aearliest", "alatest"),
    *("create_user", "create_superuser"),
}
MAKE = {"get_or_create", "update_or_create", "aget_or_create", "aupdate_or_create"}
MANY = {
    *("all", "filter", "exclude", "select_related", "prefetch_related", "order_by", "annotate"),
    *("only", "defer", "select_for_update", "using", "distinct", "reverse", "iterator"),
}
WRITES = {
    *("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update", "create_user"),
    "create_superuser",
}
SUPER_WRITES = {"form_valid", "perform_create", "perform_update"}
# The first version with delay_on_commit(), which tasks with a base of their own do not have.
ON_COMMIT_FROM = (5, 4)
KEYS = {"pk", "id", "uuid", "slug"}
CLOSING = {
    "django.db.connection.close",
    "django.db.connections.close_all",
    "django.db.close_old_connections",
}


def _is_atomic(project: Project, source: Source, node: ast.expr) -> bool:
    """Say whether an expression is ``transaction.atomic``, called or not."""
    target = node.func if isinstance(node, ast.Call) else node
    return project.resolve(source.dotted(target)) in ATOMIC


def _decorates(project: Project, source: Source, decorator: ast.expr) -> bool:
    """Say whether a decorator makes a function a transaction, also by ``method_decorator``."""
    if _is_atomic(project, source, decorator):
        return True
    return (
        isinstance(decorator, ast.Call)
        and source.dotted(decorator.func) == "django.utils.decorators.method_decorator"
        and bool(decorator.args)
        and _is_atomic(project, source, decorator.args[0])
    )


def _transaction(
    project: Project, source: Source, node: ast.AST
) -> tuple[ast.With | FunctionNode | None, str]:
    """Return what makes the transaction that is certainly open where a node runs, and how to name it."""
    inside = node
    for outer in source.around(node):
        if isinstance(outer, ast.Lambda):
            break
        if isinstance(outer, ast.With) and inside in outer.body:
            for item in outer.items:
                if isinstance(item.context_expr, ast.Call) and _is_atomic(
                    project, source, item.context_expr
                ):
                    return outer, f"the transaction.atomic() of line {outer.lineno}"
        if isinstance(outer, FUNCTIONS):
            if inside in outer.body and any(
                _decorates(project, source, decorator) for decorator in outer.decorator_list
            ):
                return outer, f"the transaction of {outer.name}()"
            break
        inside = outer
    return None, ""


def _concerns_written(
    project: Project, source: Source, block: ast.With | FunctionNode, send: Send
) -> bool:
    """Say whether a send passes the key of what its transaction has written above it.

    ``.update()`` does not count: it may only note that the task is sent, which a failed send is to undo.
    """
    end = (send.node.lineno, send.node.col_offset)
    inside = [node for statement in block.body for node in ast.walk(statement)]
    written: dict[str, int] = {}  # what holds the row, and the line of the write
    for call in inside:
        if isinstance(call, ast.Call) and (call.lineno, call.col_offset) < end:
            written.update((name, call.lineno) for name in _targets(project, source, call))
    keys = [key for argument in arguments(send) for key in _keyed(argument)]
    if any(isinstance(key, ast.Call) and _writes(project, source, key) for key in keys):
        return True
    sent = {ast.unparse(key) for key in keys}
    sent |= {argument.id for argument in arguments(send) if isinstance(argument, ast.Name)}
    for name in inside:
        if not isinstance(name, ast.Name) or not isinstance(name.ctx, ast.Store):
            continue
        if written.get(name.id, end[0]) < name.lineno <= end[0]:
            del written[name.id]  # another thing by now
        elif name.id in sent:  # number = order.pk
            value = getattr(source.parents[name], "value", None)
            if isinstance(value, ast.Attribute):
                sent |= {ast.unparse(key) for key in _keyed(value)}
    return bool(sent & written.keys())


def _keyed(node: ast.expr) -> Iterator[ast.expr]:
    """Give each expression whose key an expression takes: ``order``, for ``str(order.pk)``."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr in KEYS:
            yield inner.value


def _targets(project: Project, source: Source, call: ast.Call) -> Iterator[str]:
    """Give the text of what holds the row that a call writes to the database."""
    if isinstance(call.func, ast.Attribute):
        method, base = call.func.attr, ast.unparse(call.func.value)
        if method in SUPER_WRITES and base.startswith("super("):
            yield from ("self.object", *(f"{ast.unparse(form)}.instance" for form in call.args[:1]))
        elif method == "save" or (method == "delete" and not call.args):
            yield from (base, f"{base}.instance")
    if not _writes(project, source, call):
        return
    parent = source.parents[call]
    parent = source.parents[parent] if isinstance(parent, ast.Await) else parent
    targets = (
        parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    )
    for target in targets:
        first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
        if isinstance(first, (ast.Name, ast.Attribute)):
            yield ast.unparse(first)


def _writes(project: Project, source: Source, call: ast.Call, depth: int = 1) -> bool:
    """Say whether a call writes to the database, itself or as a function of the project that does."""
    if isinstance(call.func, ast.Attribute) and call.func.attr in WRITES | {"save"}:
        return True
    if not depth or not isinstance(call.func, (ast.Name, ast.Attribute)):
        return False
    name = source.dotted(call.func)
    inner, function = project.functions.get(project.resolve(name)) or (source, None)
    return function is not None and any(
        _writes(project, inner, below, depth - 1) for below in calls_in(inner, function)
    )


def _now(project: Project) -> Iterator[Send]:
    """Give the sends that do not wait for the commit."""
    return (
        send
        for send in project.sends
        if not send.method.endswith("_on_commit") and sends_itself(project, send.task)
    )


def _cure(send: Send) -> str:
    """Say how to send after the commit, with what this Celery and this task have."""
    import celery

    name = f"{send.task.node.name}.{send.method}"
    if tuple(celery.VERSION[:2]) < ON_COMMIT_FROM or send.task.option("base") is not None:
        return f"hand {name} to transaction.on_commit()"
    return f"write {name}_on_commit()"


@rule(
    "CK601",
    "error",
    "sent-in-transaction",
    "A task is sent inside a transaction, so a worker can look before the commit, or for what is rolled back.",
    "django/after-commit",
    frameworks=("django",),
)
def sent_in_transaction(project: Project) -> Iterator[Place]:
    """Report a send in ``transaction.atomic()``, or in a view that ``ATOMIC_REQUESTS`` makes a transaction."""
    views = _views(project) if _atomic_requests(project) else None
    for send in _now(project):
        source, call = send.source, send.node
        block, where = _transaction(project, source, call)
        if block is None and views and _in_view(project, send, views):
            block = source.function_of(call)
            where = "the transaction that ATOMIC_REQUESTS makes of this view"
        if block is None or not _concerns_written(project, source, block, send):
            continue
        if not leaves(source, call, (ast.Raise,)):
            yield Place(
                f"{said(send)} sends before {where} is committed: {_cure(send)}",
                source.path,
                call.lineno,
            )


def _atomic_requests(project: Project) -> bool:
    """Say whether the settings that the app has loaded make each view a transaction."""
    conf = sys.modules.get("django.conf")
    if project.app is None or conf is None or not conf.settings.configured:
        return False
    return any(database.get("ATOMIC_REQUESTS") for database in conf.settings.DATABASES.values())


def _views(project: Project) -> set[str]:
    """Return the dotted names of the functions and classes that the project's URLs name."""
    found = set()
    for source in project.sources:
        for call in source.calls():
            name = source.dotted(call.func)
            if name in {"django.urls.path", "django.urls.re_path"} and len(call.args) > 1:
                view = call.args[1]
                if (
                    isinstance(view, ast.Call)
                    and isinstance(view.func, ast.Attribute)
                    and view.func.attr == "as_view"
                ):
                    view = view.func.value
                found.add(project.resolve(source.dotted(view)))
    return found - {""}


def _in_view(project: Project, send: Send, views: set[str]) -> bool:
    """Say whether a send is in a view of the URLs."""
    source = send.source
    function = source.function_of(send.node)
    if not isinstance(function, ast.FunctionDef):
        return False
    owner = source.parents[function]
    around: list[ast.stmt] = [function]
    if isinstance(owner, ast.ClassDef):
        around.append(owner)
    elif not isinstance(owner, ast.Module):
        return False
    name = f"{source.module}.{around[-1].name}"  # type: ignore[attr-defined]
    if name not in views:
        return False
    for decorated in around:
        for decorator in decorated.decorator_list:  # type: ignore[attr-defined]
            names = (getattr(node, "attr", getattr(node, "id", "")) for node in ast.walk(decorator))
            if "non_atomic_requests" in names:
                return False
    return True


@rule(
    "CK602",
    "error",
    "model-instance-argument",
    "An instance of a model is passed to a task; arguments are sent as JSON, which has no models.",
    "django/pass-ids",
    frameworks=("django",),
)
def model_instance_argument(project: Project) -> Iterator[Place]:
    """Report an argument that is an instance for certain."""
    for send in project.sends:
        if not plain(project, send):
            continue
        for argument in arguments(send):
            if _is_instance(project, send.source, argument) and json_only(project):
                text = ast.unparse(argument)
                short = isinstance(argument, (ast.Name, ast.Attribute))
                cure = f"{text}.pk" if short else "its pk"
                yield Place(
                    f"{said(send)} gets {text}, an instance of a model, which ends in EncodeError: pass {cure}",
                    send.source.path,
                    argument.lineno,
                )


def _is_queryset(source: Source, node: ast.expr) -> bool:
    """Say whether an expression is a manager ``….objects`` or a queryset of instances made of it."""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in MANY
    ):
        node = node.func.value
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager"}
        and bool(source.dotted(node.value))
    )


def _is_instance(project: Project, source: Source, node: ast.expr) -> bool:
    """Say whether an expression is certainly an instance of a model."""
    if isinstance(node, ast.Await):
        node = node.value
    if isinstance(node, ast.Call):
        return _makes_instance(project, source, node)
    function = source.function_of(node)
    if function is None:
        return False
    if isinstance(node, ast.Attribute):
        return _attribute_is_instance(project, source, function, node)
    return isinstance(node, ast.Name) and _name_is_instance(project, source, function, node)


def _makes_instance(project: Project, source: Source, call: ast.Call) -> bool:
    """Say whether a call certainly returns an instance."""
    local = isinstance(call.func, ast.Name) and project.is_local(source, call.func)
    name = "" if local else project.resolve(source.dotted(call.func))
    if name in SHORTCUTS:
        words = (getattr(node, "attr", "") for node in ast.walk(call))
        return not {"values", "values_list"} & set(words)
    if name in project.classes or name in MODELS:
        return project.derives(name, MODELS)
    if not isinstance(call.func, ast.Attribute):
        return False
    method, base = call.func.attr, call.func.value
    if method in ONE:
        return _is_queryset(source, base)
    function = source.function_of(call)
    if method == "save" and isinstance(base, ast.Name) and function:
        return _is_form(project, source, function, base)
    return False


def _is_form(project: Project, source: Source, function: FunctionNode, node: ast.Name) -> bool:
    """Say whether a name is a ModelForm of the project that saves as Django does."""
    found = bindings(function, node.id)
    if not found or parameter(function, node.id):
        return False
    for place in found:
        parent = source.parents[place]
        value = getattr(parent, "value", None)
        if not isinstance(parent, ast.Assign) or not isinstance(value, ast.Call):
            return False
        name = project.resolve(source.dotted(value.func))
        if not project.derives(name, FORMS) or _has_method(project, name, "save"):
            return False
    return True


def _has_method(project: Project, name: str, method: str) -> bool:
    """Say whether a class of the project, or one that it is derived from, defines a method."""
    if name not in project.classes:
        return False
    source, node = project.classes[name]
    if any(isinstance(inner, FUNCTIONS) and inner.name == method for inner in node.body):
        return True
    return any(
        _has_method(project, project.resolve(source.dotted(base)), method) for base in node.bases
    )


def _attribute_is_instance(
    project: Project, source: Source, function: FunctionNode, node: ast.Attribute
) -> bool:
    """Say whether ``request.user`` or ``self.object`` is an instance here."""
    first = function.args.args[0].arg if function.args.args else ""
    owner = source.parents[function]
    in_class = isinstance(owner, ast.ClassDef)
    base = node.value
    if node.attr == "user" and not is_task(project, function):
        if isinstance(base, ast.Attribute) and base.attr == "request" and in_class:
            base = base.value
            return isinstance(base, ast.Name) and base.id == first == "self"
        return (
            isinstance(base, ast.Name)
            and base.id == "request"
            and parameter(function, "request") is not None
            and not bindings(function, "request")
        )
    if node.attr == "object" and isinstance(owner, ast.ClassDef):
        return (
            isinstance(base, ast.Name)
            and base.id == first == "self"
            and any(project.derives(source.dotted(kind), VIEWS) for kind in owner.bases)
        )
    return False


def _name_is_instance(
    project: Project, source: Source, function: FunctionNode, node: ast.Name
) -> bool:
    """Say whether a name is an instance, whatever has been assigned to it in the function."""
    places = bindings(function, node.id)
    argument = parameter(function, node.id)
    if argument is not None:
        received = argument.arg == "instance" and bool(
            _signals(project, source, function, list(_connected(project)))
        )
        kind = annotated(project, source, argument.annotation)
        if not received and not (kind and project.derives(kind, MODELS)):
            return False
    elif not places:
        return False
    for place in places:
        if source.function_of(place) is not function or place.lineno >= node.lineno:
            return False
        if not _binds_instance(project, source, place):
            return False
    return True


def _binds_instance(project: Project, source: Source, place: ast.Name) -> bool:
    """Say whether what a name is bound to is an instance."""
    parent = source.parents[place]
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        value = parent.value
        if isinstance(value, ast.Await):
            value = value.value
        return isinstance(value, ast.Call) and _makes_instance(project, source, value)
    if isinstance(parent, (ast.For, ast.AsyncFor, ast.comprehension)):
        return _is_queryset(source, parent.iter)
    if isinstance(parent, ast.Tuple) and parent.elts and parent.elts[0] is place:
        outer = source.parents[parent]
        value = getattr(outer, "value", None)
        value = value.value if isinstance(value, ast.Await) else value
        return (
            isinstance(outer, ast.Assign)
            and isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in MAKE
            and _is_queryset(source, value.func.value)
        )
    return False


@rule(
    "CK603",
    "warning",
    "connection-close-in-task",
    "A task closes the database connection, which Celery does itself; called eagerly, it breaks its caller's.",
    "django/database-connections",
    frameworks=("django",),
)
def connection_close_in_task(project: Project) -> Iterator[Place]:
    """Report a connection that is closed as the first or last thing in a task."""
    for task in project.tasks:
        source = task.source
        if source.is_test or _starts_others(task.node):
            continue
        for statement in _ends(task_body(task)):
            call = statement.value if isinstance(statement, ast.Expr) else None
            if not isinstance(call, ast.Call):
                continue
            name = project.resolve(source.dotted(call.func))
            if name in CLOSING:
                short = name[len("django.db.") :]
                yield Place(
                    f"{task.node.name}() calls {short}(), which Celery does around each task, and which breaks"
                    " the transaction of an eager caller, such as a test: delete it",
                    source.path,
                    call.lineno,
                )


def _starts_others(node: FunctionNode) -> bool:
    """Say whether a task names threads, processes or a loop, which have connections of their own."""
    words = {
        word.lower()
        for inner in ast.walk(node)
        for word in (getattr(inner, "id", ""), getattr(inner, "attr", ""))
        if isinstance(word, str)
    }
    return any(
        part in word for word in words for part in ("thread", "process", "pool", "fork", "execv")
    )


def _ends(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Give the first and the last statement of a task, also of a ``try`` that is all of it."""
    if not body:
        return
    yield body[0]
    if len(body) > 1:
        yield body[-1]
    for statement in {id(body[0]): body[0], id(body[-1]): body[-1]}.values():
        if isinstance(statement, ast.Try):
            if statement is body[0] and statement.body:
                yield statement.body[0]
            if statement is body[-1]:
                yield from statement.finalbody


def _signals(
    project: Project,
    source: Source,
    function: FunctionNode,
    connected: list[tuple[str, str]],
) -> list[str]:
    """Return the names of the model signals that a function receives."""
    found = []
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and project.resolve(source.dotted(decorator.func)) == "django.dispatch.receiver"
            and decorator.args
        ):
            first = decorator.args[0]
            each = first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]
            found += [SIGNALS.get(project.resolve(source.dotted(signal)), "") for signal in each]
    if isinstance(source.parents[function], ast.Module):
        name = f"{source.module}.{function.name}"
        found += [signal for signal, receiver in connected if receiver == name]
    return [signal for signal in found if signal]


def _connected(project: Project) -> Iterator[tuple[str, str]]:
    """Give each model signal and the dotted name of the function that ``.connect()`` gives it."""
    for source in project.sources:
        for call in source.calls():
            if (
                isinstance(call.func, ast.Attribute)
                and call.func.attr == "connect"
                and call.args
                and not source.is_test
            ):
                signal = SIGNALS.get(project.resolve(source.dotted(call.func.value)))
                if signal:
                    yield signal, project.resolve(source.dotted(call.args[0]))


@rule(
    "CK604",
    "warning",
    "sent-in-signal",
    "A task is sent in a receiver of a model's signal, which runs inside the transaction of whoever saves.",
    "django/after-commit",
    frameworks=("django",),
)
def sent_in_signal(project: Project) -> Iterator[Place]:
    """Report a send in a receiver of a signal that Django sends before the commit."""
    connected = list(_connected(project)) if project.sends else []
    for send in _now(project):
        source, call = send.source, send.node
        function = source.function_of(call)
        if (
            function is None
            or _transaction(project, source, call)[0]
            or leaves(source, call, (ast.Raise,))
        ):
            continue
        signals = _signals(project, source, function, connected)
        if signals:
            yield Place(
                f"{said(send)} in {function.name}(), a receiver of {signals[0]}, sends before the transaction"
                f" of whoever saves or deletes is committed: {_cure(send)}",
                source.path,
                call.lineno,
            )


@rule(
    "CK606",
    "error",
    "settings-after-app",
    "The name of the settings is set below `Celery(…)`, so a worker does not load Django.",
    "django/project-layout",
    frameworks=("django",),
)
def settings_after_app(project: Project) -> Iterator[Place]:
    """Report ``DJANGO_SETTINGS_MODULE`` that is set after the app is made, at the top of one module."""
    for source in project.sources:
        if source.is_test:
            continue
        made, named = None, None
        for statement in source.tree.body:
            if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
                continue
            for node in ast.walk(statement):
                if not isinstance(node, (ast.Call, ast.Assign)):
                    continue
                if (
                    isinstance(node, ast.Call)
                    and project.resolve(source.dotted(node.func)) == "celery.Celery"
                ):
                    made = made or statement
                elif _names_settings(source, node):
                    named = named or statement
        if made and named and made.lineno < named.lineno:
            yield Place(
                f"DJANGO_SETTINGS_MODULE is set below the app of line {made.lineno}, so a worker does not load"
                " Django and finds no tasks: move the line above it",
                source.path,
                named.lineno,
            )


def _names_settings(source: Source, node: ast.Call | ast.Assign) -> bool:
    """Say whether a node sets the environment variable of Django's settings."""
    if isinstance(node, ast.Call):
        return (
            source.dotted(node.func) == "os.environ.setdefault"
            and bool(node.args)
            and isinstance(node.args[0], ast.Constant)
            and node.args[0].value == "DJANGO_SETTINGS_MODULE"
        )
    target = node.targets[0]
    key = getattr(target, "slice", None)
    key = getattr(key, "value", key) if not isinstance(key, ast.Constant) else key
    return (
        isinstance(target, ast.Subscript)
        and source.dotted(target.value) == "os.environ"
        and isinstance(key, ast.Constant)
        and key.value == "DJANGO_SETTINGS_MODULE"
    )

"""About Celery's settings: what is missing, misspelt, dangerous, or set twice."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from checkup.finding import Place, rule
from checkup.project import SENDING, Project
from checkup.source import Source

CELERY = {"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"}
# The environment wins over every other place for these.
VARIABLES = {"CELERY_BROKER_URL": "broker_url", "CELERY_RESULT_BACKEND": "result_backend"}
# Celery reads these, and its list of defaults lacks them.
UNLISTED = {
    "cassandra_secure_bundle_path",
    "db_reuse_max",
    "firestore_project",
    "gcs_threadpool_maxsize",
    "override_backends",
    "redis_backend_credential_provider",
    "redis_backend_health_check_interval",
    "redis_client_name",
    "result_backend_thread_safe",
} | {
    f"{program}_{option}"
    for program in ("beat", "events", "worker")
    for option in ("executable", "gid", "logfile", "pidfile", "uid", "umask")
}
# Other packages read names that begin so.
OTHERS = ("redbeat_", "flower_", "once", "singleton_", "beat_dburi", "beat_engine", "beat_schema")
READING = {
    "get",
    "state",
    "status",
    "result",
    "ready",
    "successful",
    "failed",
    "wait",
    "collect",
    "info",
    "traceback",
}
VISIBILITY = 3600  # seconds, of kombu's transport for Redis
UNLIMITED_POOLS = {"threads", "gevent", "eventlet", "solo"}  # these cannot end a task


def settings_of(project: Project) -> Any:  # noqa: ANN401 - Celery's Settings are untyped
    """Return the app's settings, read, or None if reading them fails."""
    try:
        project.app.conf.get("broker_url")  # type: ignore[union-attr]
    except Exception:  # noqa: BLE001 - whatever the project's configuration raises
        return None
    return project.app.conf  # type: ignore[union-attr]


def own(project: Project) -> Iterator[Source]:
    """Give the files that are no tests."""
    return (source for source in project.sources if not source.is_test)


def spellings(setting: str) -> set[str]:
    """Return the names under which code sets a setting."""
    names = {setting, setting.upper(), f"CELERY_{setting.upper()}"}
    return names | {"broker_url": {"broker"}, "result_backend": {"backend"}}.get(setting, set())


def where_set(project: Project, *names: str) -> tuple[Path | None, int]:
    """Return the file and the line that set a setting, or those that make the app, or none."""
    wanted = set().union(*(spellings(name) for name in names)) | set(names)
    for source in own(project):
        for node, name, _ in pairs(source):
            if name in wanted:
                return source.path, node.lineno
    for source in own(project):
        for call in source.calls():
            if source.dotted(call.func) in CELERY:
                return source.path, call.lineno
    return None, 0


def pairs(source: Source) -> Iterator[tuple[Any, str, ast.expr]]:
    """Give each place where a file says that a name has a value: node, name, value."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Dict):
            for at, value in zip(node.keys, node.values):
                if isinstance(at, ast.Constant) and isinstance(at.value, str):
                    yield at, at.value, value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value, node.arg, node.value
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield node, target_name(target), node.value


def target_name(target: ast.expr) -> str:
    """Return the last part of what is assigned to."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""


def variables(source: Source, node: ast.AST) -> list[str]:
    """Return the names of the environment variables that an expression reads."""
    found = []
    for inner in ast.walk(node):
        at: ast.AST | None = None
        if isinstance(inner, ast.Call) and source.dotted(inner.func) in {
            "os.getenv",
            "os.environ.get",
        }:
            at = inner.args[0] if inner.args else None
        elif isinstance(inner, ast.Subscript) and source.dotted(inner.value) == "os.environ":
            at = inner.slice
        if isinstance(at, ast.Constant) and isinstance(at.value, str):
            found.append(at.value)
    return found


@rule(
    "CK301",
    "error",
    "broker-not-set",
    "No broker is set, so Celery tries RabbitMQ on this machine.",
    "flask/configuration",
    needs_app=True,
)
def broker_not_set(project: Project) -> Iterator[Place]:
    """Report an app without an address of a broker."""
    conf = settings_of(project)
    if conf is None or conf.task_always_eager:
        return
    names = ("broker_url", "broker_read_url", "broker_write_url")
    if any(getattr(conf, name, None) for name in names) or conf.get("broker_transport"):
        return
    unset = [
        name
        for source in own(project)
        for _, setting, value in pairs(source)
        if setting in spellings("broker_url")
        for name in variables(source, value)
        if name not in os.environ
    ]
    why = f", as {unset[0]} is not set here" if unset else ""
    yield Place(
        f"no broker_url is set{why}, so .delay() and the worker try amqp://guest:**@127.0.0.1:5672//; set broker_url",
        *where_set(project, "broker_url"),
    )


@rule(
    "CK302",
    "error",
    "backend-not-set",
    "Results are read, and no result backend is set.",
    "flask/results",
    needs_app=True,
)
def backend_not_set(project: Project) -> Iterator[Place]:
    """Report the places that read the state or the result of a task."""
    conf = settings_of(project)
    if conf is None or conf.result_backend not in {None, "", "disabled"} or conf.task_always_eager:
        return
    if getattr(project.app, "backend_cls", None) or several_apps(project):
        return
    for source in own(project):
        if not any(_makes_result(project, source, call) for call in source.calls()):
            continue
        said = set()  # one line for each function is enough
        for node in ast.walk(source.tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in READING
                and _is_result(project, source, node.value)
                and source.function_of(node) not in said
            ):
                said.add(source.function_of(node))
                yield Place(
                    f".{node.attr} asks for a task's result, and no result backend is set, so it raises an"
                    " exception; set result_backend",
                    source.path,
                    node.end_lineno or node.lineno,
                )


def several_apps(project: Project) -> bool:
    """Say whether the project makes more than one Celery app; then a task may be of the other one."""
    made = (
        call
        for source in own(project)
        for call in source.calls()
        if source.dotted(call.func) in {"celery.Celery", "celery.app.base.Celery"}
    )
    return sum(1 for _ in made) > 1


def _is_result(project: Project, source: Source, node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return _makes_result(project, source, node)
    function = source.function_of(node)
    if not isinstance(node, ast.Name) or function is None:
        return False
    values = [
        inner.value
        for inner in ast.walk(function)
        if isinstance(inner, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == node.id for target in inner.targets)
    ]
    stores = [
        inner
        for inner in ast.walk(function)
        if isinstance(inner, ast.Name) and inner.id == node.id and isinstance(inner.ctx, ast.Store)
    ]
    # Every assignment to the name must be such a call.
    return len(values) == len(stores) > 0 and all(
        isinstance(value, ast.Call) and _makes_result(project, source, value) for value in values
    )


def _makes_result(project: Project, source: Source, call: ast.Call) -> bool:
    if source.dotted(call.func) in {"celery.result.AsyncResult", "celery.AsyncResult"}:
        # With `app=` or `backend=` it may be about another app.
        return all(
            keyword.arg not in {"app", "backend"} or _is_app(project, source, keyword.value)
            for keyword in call.keywords
        )
    if not isinstance(call.func, ast.Attribute):
        return False
    base = call.func.value
    if call.func.attr == "AsyncResult":
        return _is_app(project, source, base) or project.task_of(source, base) is not None
    return call.func.attr in SENDING - {"delay_on_commit", "apply_async_on_commit"} and (
        project.task_of(source, base) is not None
    )


def _is_app(project: Project, source: Source, node: ast.expr) -> bool:
    return project.resolve(source.dotted(node)) in project.celery_names


def given(conf: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401
    """Give the names that the project has set, as it has written them, with their values."""
    for mapping in conf.maps[:-1]:
        try:
            names = [name for name in mapping if isinstance(name, str) and not name.startswith("_")]
        except Exception:  # noqa: BLE001, S112 - an object that cannot be listed
            continue
        for name in names:
            if name == "deprecated_settings":
                continue
            try:
                yield name, mapping[name]
            except Exception:  # noqa: BLE001, S112 - a property that raises
                continue


def lists() -> tuple[set[str], dict[str, str]]:
    """Return the names of all settings, and the old names with their new ones."""
    from celery.app import defaults

    return set(defaults.DEFAULTS) | UNLISTED, dict(getattr(defaults, "_TO_NEW_KEY", {}))


@rule(
    "CK305",
    "warning",
    "unknown-setting",
    "A setting is misspelt, so Celery ignores it without a word.",
    "reference/settings",
    needs_app=True,
)
def unknown_setting(project: Project) -> Iterator[Place]:
    """Report names that are nearly those of a setting, and that nothing in the project reads."""
    conf = settings_of(project)
    if conf is None:
        return
    known, old = lists()
    prefix = (conf.prefix or "").upper()
    for name, value in given(conf):
        plain = name[len(prefix) :].lower() if prefix and name.startswith(prefix) else name
        if (
            plain in known
            or name.upper() in old
            or name.lower() in known
            or plain.startswith(OTHERS)
        ):
            continue
        if not prefix and name.startswith("CELERY_") and name[7:].lower() in known:
            real = name[7:].lower()
            if value is None or conf.get(real) == value:
                continue
            yield Place(
                f"{name} is ignored, as these settings are read without a namespace; write {real}, or"
                ' config_from_object(..., namespace="CELERY")',
                *where_set(project, name),
            )
            continue
        if plain == name and (prefix or not name.islower()):
            continue  # a setting of something else
        meant = nearest(plain, known)
        if not meant or is_read(project, name):
            continue
        right = f"{prefix}{meant.upper()}" if prefix else meant
        yield Place(
            f"Celery has no setting {name} and ignores it; did you mean {right}?",
            *where_set(project, name),
        )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the setting that a name is meant to be, or nothing if that is not certain."""
    ending = [real for real in known if real.partition("_")[2] == name and "_" in name]
    if len(ending) == 1:
        return ending[0]
    near = next(iter(get_close_matches(name, known, n=1, cutoff=0.88)), "")
    first, groups = name.partition("_")[0], {real.partition("_")[0] for real in known}
    if first in groups and first != near.partition("_")[0]:
        return ""  # `worker_pool_limit` is not `broker_pool_limit`
    # `task_routes_extra` is near, and a name of its own.
    return "" if name.startswith(f"{near}_") else near


def is_read(project: Project, name: str) -> bool:
    """Say whether the project itself uses a name besides setting it."""
    for source in project.sources:
        for node in ast.walk(source.tree):
            if (
                isinstance(node, (ast.Attribute, ast.Name))
                and isinstance(node.ctx, ast.Load)
                and (node.attr if isinstance(node, ast.Attribute) else node.id) == name
            ):
                return True
            if (
                isinstance(node, ast.Constant)
                and node.value == name
                and isinstance(
                    source.parents.get(node),
                    (ast.Call, ast.Subscript, ast.Tuple, ast.List, ast.Set),
                )
            ):
                outer = source.parents[node]
                if not isinstance(outer, ast.Subscript) or isinstance(outer.ctx, ast.Load):
                    return True
    return False


@rule(
    "CK306",
    "warning",
    "old-setting-name",
    "A setting has its name of before Celery 4, which Celery 6 will not read.",
    "reference/settings",
    needs_app=True,
)
def old_setting_name(project: Project) -> Iterator[Place]:
    """Report old names, with the new ones."""
    conf = settings_of(project)
    if conf is None:
        return
    known, old = lists()
    prefix = (conf.prefix or "").upper()
    names = {name for name, _ in given(conf)}
    for name in sorted(getattr(conf, "deprecated_settings", None) or ()):
        new = old.get(name, "")
        if not new or (prefix and name.startswith(prefix) and name[len(prefix) :].lower() in known):
            continue
        right = f"{prefix}{new.upper()}" if prefix else new
        if right in names:
            continue
        yield Place(
            f"{name} is an old name, which Celery 6 will no longer read; rename it to {right}",
            *where_set(project, name),
        )


@rule(
    "CK307",
    "warning",
    "environment-wins",
    "An environment variable of Celery's own overrides what the project has set.",
    "flask/configuration",
    needs_app=True,
)
def environment_wins(project: Project) -> Iterator[Place]:
    """Report the variables that Celery reads past every configuration."""
    conf = settings_of(project)
    for variable, setting in VARIABLES.items() if conf is not None else ():
        value = os.environ.get(variable)
        configured = conf.get(setting)
        if value and configured and str(configured) != value:
            yield Place(
                f"the environment variable {variable} overrides the {setting} that the project sets; give the"
                " variable another name, and read that one in the project",
                *where_set(project, setting),
            )


@rule(
    "CK308",
    "error",
    "pickle-accepted",
    "The worker accepts pickle, so whoever can write to the broker can run code in it.",
    "howto/security",
    needs_app=True,
)
def pickle_accepted(project: Project) -> Iterator[Place]:
    """Report settings that allow pickle."""
    conf = settings_of(project)
    for setting in ("accept_content", "result_accept_content") if conf is not None else ():
        kinds = conf.get(setting)
        if not isinstance(kinds, (list, tuple, set, frozenset)):
            continue
        if {"pickle", "application/x-python-serialize"} & {str(kind) for kind in kinds}:
            yield Place(
                f"{setting} allows pickle, with which a message can run any code where it is read; take it out",
                *where_set(project, setting),
            )


def on_redis(conf: Any) -> bool:  # noqa: ANN401
    """Say whether the broker is Redis."""
    return str(conf.get("broker_transport") or conf.broker_url or "").startswith(
        ("redis", "sentinel")
    )


def visibility_of(conf: Any) -> float:  # noqa: ANN401
    """Return the seconds after which Redis gives a message to a second worker."""
    options = conf.broker_transport_options
    value = options.get("visibility_timeout") if isinstance(options, dict) else None
    return float(value) if isinstance(value, (int, float)) else VISIBILITY


def seconds(node: ast.expr | None) -> float | None:
    """Return the value of a number that is written out, also as ``2 * 60 * 60``."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return float(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Add)):
        left, right = seconds(node.left), seconds(node.right)
        if left is not None and right is not None:
            return left * right if isinstance(node.op, ast.Mult) else left + right
    return None


UNITS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}


def delay_of(source: Source, call: ast.Call) -> float | None:
    """Return how long a call asks to wait, if that is written out."""
    options = {keyword.arg: keyword.value for keyword in call.keywords}
    wait = seconds(options.get("countdown"))
    if wait is not None:
        return wait
    eta = options.get("eta")
    if not isinstance(eta, ast.BinOp) or not isinstance(eta.op, ast.Add):
        return None
    now, later = eta.left, eta.right
    if not isinstance(now, ast.Call) or not re.search(
        r"\.(?:now|utcnow)$", source.dotted(now.func)
    ):
        return None
    if (
        not isinstance(later, ast.Call)
        or source.dotted(later.func) != "datetime.timedelta"
        or later.args
    ):
        return None
    total = 0.0
    for keyword in later.keywords:
        value = seconds(keyword.value)
        if keyword.arg not in UNITS or value is None:
            return None
        total += value * UNITS[keyword.arg]
    return total


@rule(
    "CK309",
    "warning",
    "visibility-timeout",
    "With Redis, a message that waits or runs longer than visibility_timeout is given to a second worker.",
    "explain/life-of-a-task",
    needs_app=True,
)
def visibility_timeout(project: Project) -> Iterator[Place]:
    """Report delays and time limits beyond ``visibility_timeout``."""
    conf = settings_of(project)
    if conf is None or conf.task_always_eager or not on_redis(conf):
        return
    visibility = visibility_of(conf)
    for send in project.sends:
        wait = delay_of(send.source, send.node)
        if wait is not None and wait > visibility:
            yield Place(
                f"{send.task.node.name} waits {wait:g} s in a worker, longer than the visibility_timeout of"
                f" {visibility:g} s, so it runs several times; raise it in broker_transport_options, or schedule"
                " the task",
                send.source.path,
                send.node.lineno,
            )
    for name, task in sorted(project.registered.items()):
        hard = task.time_limit or conf.task_time_limit
        soft = task.soft_time_limit or conf.task_soft_time_limit
        limits = [value for value in (hard, soft) if isinstance(value, (int, float))]
        limit = min(limits, default=0)
        place = project.file_of(task)
        late = task.acks_late if task.acks_late is not None else conf.task_acks_late
        if late and limit > visibility and place:
            yield Place(
                f"{name} may run {limit:g} s and is acknowledged late, and the visibility_timeout is"
                f" {visibility:g} s, so a second worker starts it meanwhile; raise visibility_timeout above the limit",
                *place,
            )


@rule(
    "CK310",
    "note",
    "time-limit-missing",
    "A task that hangs keeps its worker process for ever, as nothing limits its time.",
    "howto/long-tasks",
    needs_app=True,
)
def time_limit_missing(project: Project) -> Iterator[Place]:
    """Report once that tasks have no time limit."""
    conf = settings_of(project)
    if conf is None or conf.task_time_limit or conf.task_soft_time_limit:
        return
    if str(conf.worker_pool) in UNLIMITED_POOLS:
        return
    names = sorted(
        name
        for name, task in project.registered.items()
        if not task.time_limit and not task.soft_time_limit
    )
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        verb = "have" if more else "has"
        yield Place(
            f"{names[0]}{more} {verb} no time limit; set task_time_limit",
            *where_set(project, "task_time_limit"),
        )

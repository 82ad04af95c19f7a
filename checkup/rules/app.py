"""About the Celery app: whether it can be loaded, and whether the web process uses it."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from checkup.finding import Place, rule
from checkup.project import Project, where
from checkup.source import Source

CELERY = {"celery.Celery", "celery.app.Celery", "celery.app.base.Celery"}
# What a web server of Django imports, in a process of its own; the exit status says whether it has found the module.
DJANGO = """
import importlib, sys
import django
from django.conf import settings
django.setup()
importlib.import_module(settings.ROOT_URLCONF)
for name in ("WSGI_APPLICATION", "ASGI_APPLICATION"):
    path = getattr(settings, name, None)
    if path:
        importlib.import_module(path.rpartition(".")[0])
sys.exit(33 if sys.argv[1] not in sys.modules else 0)
"""
NOT_IMPORTED = 33


@rule(
    "CK201",
    "error",
    "app-not-loaded",
    "The Celery app that you name after `-A` cannot be loaded.",
    "reference/errors",
)
def app_not_loaded(project: Project) -> Iterator[Place]:
    """Report why the app, a task module or the web app does not load."""
    for error, what in (
        (project.app_error, f"-A {project.app_name}"),
        (project.import_error, "a task module"),
        (project.web_error, f"--web {project.web_name}"),
    ):
        if error is not None:
            error = reason(error)  # noqa: PLW2901 - what is to be said
            path, line = where(error, project.root)
            why = " ".join(f"{type(error).__name__}: {error}".split())
            hint = advice(project) if what.startswith("-A") and path is None else ""
            yield Place(f"{what} cannot be loaded: {why}{hint}", path, line)


def reason(error: BaseException) -> BaseException:
    """Return the error that Celery hides when it goes on to look for a module of the name ``shop:app``."""
    before = error.__context__
    hidden = isinstance(error, ModuleNotFoundError) and isinstance(before, AttributeError)
    return before if hidden and before is not None else error


def advice(project: Project) -> str:
    """Name the Celery apps that the files hold, when the one after ``-A`` is not among them."""
    names = sorted(project.celery_names)
    if not names:
        return ""
    said = " or ".join("-A {0}:{2}".format(*name.rpartition(".")) for name in names[:3])
    return f"; your files have {said}"


@rule(
    "CK202",
    "error",
    "other-app-in-web-process",
    "The web process sends with another Celery app than the one that your worker runs.",
    "explain/apps-and-threads",
    needs_app=True,
)
def other_app_in_web_process(project: Project) -> Iterator[Place]:
    """Look at what the web process imports (Django), or at the app of ``--web`` (Flask)."""
    if project.framework == "django":
        yield from _not_imported(project)
    elif project.web is not None:
        yield from _of_flask(project)


def _not_imported(project: Project) -> Iterator[Place]:
    settings = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    makers = [source for source in project.sources if not source.is_test and _makes_app(source)]
    # A task of `@app.task` brings its app along; only `@shared_task` asks which app is there.
    shared = any(
        task.source.dotted(_name(task.decorator)).endswith(".shared_task") for task in project.tasks
    )
    if not settings or not shared or len(makers) != 1:
        return
    module = makers[0].module
    package = settings.partition(".")[0]
    start = project.by_module.get(package)
    if (start and module in _imports(start)) or _imported_later(project, module):
        return
    try:
        ran = subprocess.run(
            [sys.executable, "-B", "-W", "ignore", "-c", DJANGO, module],
            cwd=project.root,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(project.root), *sys.path])},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    if ran.returncode == NOT_IMPORTED:
        yield Place(
            f"nothing that Django's web process imports imports {module}, so .delay() there uses a default app"
            f" of Celery's own and tries RabbitMQ on this machine; import the app in {package}/__init__.py",
            start.path if start else None,
            1 if start else 0,
        )


def _makes_app(source: Source) -> bool:
    return any(source.dotted(call.func) in CELERY for call in source.calls())


def _name(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _imports(source: Source) -> set[str]:
    """Return what a file imports, and the modules that this may be taken from."""
    names = source.names.values()
    return {*names, *(name.rpartition(".")[0] for name in names)}


def _imported_later(project: Project, module: str) -> bool:
    """Say whether a function may import the app, so that nothing is certain."""
    return any(
        not source.is_test
        and source.module != module
        and module in _imports(source)
        and _in_function(source)
        for source in project.sources
    )


def _in_function(source: Source) -> bool:
    return any(
        isinstance(node, (ast.Import, ast.ImportFrom)) and source.function_of(node)
        for node in ast.walk(source.tree)
    )


def _of_flask(project: Project) -> Iterator[Place]:
    extensions = getattr(project.web, "extensions", None)
    other = extensions.get("celery") if isinstance(extensions, dict) else None
    if other is None or project.app is None or not hasattr(other, "conf"):
        return
    from kombu.utils.url import maybe_sanitize_url

    # A factory that is called twice makes two apps with the same settings; only what differs is a mistake.
    for setting in ("broker_url", "task_default_queue", "result_backend"):
        there, here = getattr(other.conf, setting), getattr(project.app.conf, setting)
        if there != here:
            there, here = (maybe_sanitize_url(str(value)) for value in (there, here))
            yield Place(
                f"the Celery app of --web {project.web_name} has {setting} {there}, and -A {project.app_name} has"
                f" {here}; make both with the same configuration",
                _file(project, project.web_name),
            )
            return


def _file(project: Project, name: str) -> Path | None:
    source = project.by_module.get(name.partition(":")[0])
    return source.path if source else None

"""The reader's project: its files, its Celery app, its tasks."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkup.source import FunctionNode, Source, python_files, read

if TYPE_CHECKING:
    from celery import Celery

SENDING = {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"}


@dataclass
class TaskFunction:
    """A function with a task decorator."""

    source: Source
    node: FunctionNode
    decorator: ast.expr
    name: str  # dotted, of the function; the task's name may be another

    def option(self, name: str) -> ast.expr | None:
        """Return an option of the decorator."""
        keywords = self.decorator.keywords if isinstance(self.decorator, ast.Call) else []
        return next((keyword.value for keyword in keywords if keyword.arg == name), None)


@dataclass
class Send:
    """A call that sends a task: ``.delay()``, ``.apply_async()``."""

    source: Source
    node: ast.Call
    method: str
    task: TaskFunction


@dataclass
class Project:
    """A project, as far as it can be read and imported."""

    root: Path
    framework: str
    app_name: str  # as after `celery -A`
    web_name: str = ""  # module:app of the web process, if the reader has said it
    sources: list[Source] = field(default_factory=list)
    unreadable: list[tuple[Path, int, str]] = field(default_factory=list)  # file, line, why
    app: Celery | None = None
    app_error: BaseException | None = None
    web: Any = None
    web_error: BaseException | None = None
    import_error: BaseException | None = None  # of a task module, when all are imported
    imported: frozenset[Path] = (
        frozenset()
    )  # the files that a worker has imported before its first task
    warnings: list[str] = field(default_factory=list)

    def relative(self, path: Path) -> Path:
        """Return a path from the root of the project, if it is below."""
        try:
            return path.relative_to(self.root)
        except ValueError:
            return path

    @cached_property
    def by_module(self) -> dict[str, Source]:
        """The files by their dotted names."""
        return {source.module: source for source in self.sources}

    @cached_property
    def modules(self) -> dict[Path, Any]:
        """The modules that are imported now, by their files."""
        found = {}
        for module in list(sys.modules.values()):
            name = getattr(module, "__file__", None)
            if isinstance(name, str):
                found[Path(name).resolve()] = module
        return found

    @cached_property
    def celery_names(self) -> set[str]:
        """The dotted names at the top of modules that hold a Celery app, by their text: ``shop.celery_app.app``."""
        found = set()
        for source in self.sources:
            for node in source.tree.body:
                value = getattr(node, "value", None)
                if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(
                    value, ast.Call
                ):
                    continue
                if source.dotted(value.func) in {
                    "celery.Celery",
                    "celery.app.base.Celery",
                    "celery.app.Celery",
                }:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    found |= {
                        f"{source.module}.{target.id}"
                        for target in targets
                        if isinstance(target, ast.Name)
                    }
        if self.app is not None:  # what a factory has made
            for source in self.sources:
                module = self.modules.get(source.path)
                for name, value in list(vars(module).items()) if module else ():
                    if value is self.app:
                        found.add(f"{source.module}.{name}")
        return found

    @cached_property
    def tasks(self) -> list[TaskFunction]:
        """The functions with ``@shared_task`` or ``@app.task`` of one of the project's Celery apps."""
        return [task for source in self.sources for task in self._tasks_of(source)]

    def _tasks_of(self, source: Source) -> Iterator[TaskFunction]:
        for function in source.functions():
            for decorator in function.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                name = source.dotted(target)
                of_app = (
                    name.endswith(".task")
                    and self.resolve(name[: -len(".task")]) in self.celery_names
                )
                if of_app or self.resolve(name) in {"celery.shared_task", "celery.app.shared_task"}:
                    yield TaskFunction(
                        source, function, decorator, f"{source.module}.{function.name}"
                    )

    def resolve(self, name: str, depth: int = 5) -> str:
        """Follow a dotted name through the imports of the project's own modules."""
        module, _, last = name.rpartition(".")
        source = self.by_module.get(module)
        target = source.names.get(last) if source else None
        if target and target != name and depth:
            return self.resolve(target, depth - 1)
        return name

    @cached_property
    def task_by_name(self) -> dict[str, TaskFunction]:
        """The task functions by their dotted names; without methods and inner functions."""
        return {
            task.name: task
            for task in self.tasks
            if isinstance(task.source.parents.get(task.node), ast.Module)
        }

    @cached_property
    def classes(self) -> dict[str, tuple[Source, ast.ClassDef]]:
        """The classes at the top of modules, by their dotted names."""
        return {
            f"{source.module}.{node.name}": (source, node)
            for source in self.sources
            for node in source.tree.body
            if isinstance(node, ast.ClassDef)
        }

    @cached_property
    def functions(self) -> dict[str, tuple[Source, FunctionNode]]:
        """The functions at the top of modules, by their dotted names."""
        return {
            f"{source.module}.{node.name}": (source, node)
            for source in self.sources
            for node in source.tree.body
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }

    def derives(self, name: str, roots: set[str], depth: int = 10) -> bool:
        """Say whether a class is one of others, or derived from one, as far as the project's own files tell."""
        name = self.resolve(name)
        if name in roots:
            return True
        if name not in self.classes or not depth:
            return False
        source, node = self.classes[name]
        return any(self.derives(source.dotted(base), roots, depth - 1) for base in node.bases)

    @cached_property
    def sends(self) -> list[Send]:
        """The calls, outside tests, of which it is certain that they send a task of this project."""
        found = []
        for source in self.sources:
            if source.is_test:
                continue
            for call in source.calls():
                function = call.func
                if isinstance(function, ast.Attribute) and function.attr in SENDING:
                    task = self.task_of(source, function.value)
                    if task:
                        found.append(Send(source, call, function.attr, task))
        return found

    def task_of(self, source: Source, node: ast.AST) -> TaskFunction | None:
        """Return the task that an expression names, if it does for certain."""
        name = source.dotted(node)
        if isinstance(node, ast.Name) and self.is_local(source, node):
            return None
        return self.task_by_name.get(self.resolve(name)) if name else None

    @staticmethod
    def is_local(source: Source, node: ast.Name) -> bool:
        """Say whether a name is a variable of the function around it, so another thing than at the top."""
        for outer in source.around(node):
            if not isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            arguments = outer.args
            every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
            if any(argument.arg == node.id for argument in every):
                return True
            for inner in ast.walk(outer):
                if (
                    isinstance(inner, ast.Name)
                    and inner.id == node.id
                    and isinstance(inner.ctx, ast.Store)
                ):
                    return True
        return False

    @cached_property
    def registered(self) -> dict[str, Any]:
        """The registered tasks of the project's own code, by their names; without Celery's."""
        tasks = dict(self.app.tasks) if self.app is not None else {}
        return {name: task for name, task in tasks.items() if self.file_of(task) is not None}

    def file_of(self, task: Any) -> tuple[Path, int] | None:  # noqa: ANN401 - Celery's Task is untyped
        """Return where a registered task is defined, if that is a file of the project."""
        function = inspect.unwrap(getattr(task, "run", task))
        code = getattr(function, "__code__", None)
        if code is None:
            return None
        path = Path(code.co_filename).resolve()
        known = {source.path for source in self.sources}
        return (path, code.co_firstlineno) if path in known else None


def load(
    root: Path, framework: str, app_name: str, web_name: str = "", settings: str = ""
) -> Project:
    """Read a project's files, and import its Celery app and tasks as a worker does."""
    project = Project(root.resolve(), framework, app_name, web_name)
    for path in python_files(project.root):
        problem = _read(project, path.resolve())
        if problem:
            project.unreadable.append(problem)
    if settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings
    sys.path.insert(0, str(project.root))
    before = Path.cwd()
    os.chdir(project.root)  # as the reader starts a worker
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _import(project)
        project.warnings = [str(warning.message) for warning in caught]
    finally:
        os.chdir(before)
    return project


def _read(project: Project, path: Path) -> tuple[Path, int, str] | None:
    """Add a file to the project; return where and why it is not Python of this version."""
    src = project.root / "src"  # the other usual place of packages
    root = src if src in path.parents and not (src / "__init__.py").exists() else project.root
    try:
        project.sources.append(read(path, root))
    except SyntaxError as error:
        return path, error.lineno or 0, error.msg
    except ValueError as error:
        return path, 0, str(error)
    return None


def _app(name: str) -> Celery:
    """Find a Celery app as the ``celery`` command does.

    Raises:
        TypeError: if it is something else.

    """
    from celery.app.utils import find_app

    app = find_app(name)
    if not hasattr(app, "conf") or not hasattr(app, "tasks"):
        raise TypeError(f"{name} is {type(app).__name__}, not a Celery app")
    # `celery.current_app` is a proxy for the app of this thread.
    return getattr(app, "_get_current_object", lambda: app)()


def _import(project: Project) -> None:
    """Import the app, the tasks and the web app; what fails is kept."""
    try:
        project.app = app = _app(project.app_name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever the project raises
        project.app_error = error
        return
    try:
        app.finalize()
        app.loader.import_default_modules()
    except (Exception, SystemExit) as error:  # noqa: BLE001
        project.import_error = error
    files = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    project.imported = frozenset(Path(name).resolve() for name in files if isinstance(name, str))
    if project.web_name:
        module, _, name = project.web_name.partition(":")
        try:
            project.web = getattr(importlib.import_module(module), name or "app")
        except (Exception, SystemExit) as error:  # noqa: BLE001
            project.web_error = error


def where(error: BaseException, root: Path) -> tuple[Path | None, int]:
    """Return the last line of the project in a traceback."""
    if isinstance(error, SyntaxError) and error.filename:
        return Path(error.filename), error.lineno or 0
    found: tuple[Path | None, int] = (None, 0)
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        with contextlib.suppress(OSError):
            if path.exists() and root in path.resolve().parents:
                found = (path.resolve(), frame.lineno or 0)
    return found

"""Run the Python blocks of one page with pytest-examples' evaluator, in one lane. Runs in a process of its own.

Two things are stricter than the evaluator alone: the `#>` lines are taken out before the run and must come
back exactly, so none can survive under a print that never runs; and nothing else may be written to stdout.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import re
import shutil
import sys
import traceback
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import celery.app.backends
import kombu.transport
from celery._state import _get_active_apps
from celery.app.defaults import DEFAULTS
from celery.backends.cache import CacheBackend
from celery.contrib.testing.worker import start_worker
from celery.signals import before_task_publish
from pytest_examples import CodeExample, EvalExample

from verify.masks import Mismatch, Stand, compare
from verify.shell import IGNORED, is_django, temporary_folder

if TYPE_CHECKING:
    from verify.blocks import Block, Page
    from verify.verdicts import Context


class MemoryBackend(CacheBackend):
    """Stands for any result backend that needs a service."""

    def __init__(self, app: Any, url: str | None = None, **options: Any) -> None:  # noqa: ANN401, ARG002
        """Keep results in this process, whatever the URL names."""
        super().__init__(app, backend="memory", **options)


class NotFinished(Exception):
    """A block was interrupted, which the evaluator alone would pass over."""


def enter_lane(lane: str, eager: dict[str, Any]) -> None:
    """Make this process a lane: settings keep their values, but no message leaves the process."""
    for name in [
        name for name in os.environ if name.startswith(("CELERY_", "DJANGO_", "FLASK_", "SHOP_"))
    ]:
        del os.environ[name]
    for scheme in ("redis", "rediss", "amqp", "pyamqp"):
        kombu.transport.TRANSPORT_ALIASES[scheme] = "kombu.transport.memory:Transport"
        celery.app.backends.BACKEND_ALIASES[scheme] = f"{__name__}:MemoryBackend"
    if lane == "eager":
        DEFAULTS.update(eager)
        return
    DEFAULTS["broker_transport_options"] = {"polling_interval": 0.01}
    started: dict[Any, Any] = {}

    @before_task_publish.connect(weak=False)
    def start(sender: str, **_: object) -> None:
        """Start a worker thread for the app that publishes its first task."""
        for app in list(_get_active_apps()):
            registered = app._tasks  # noqa: SLF001 - `tasks` would finalize every other app
            if sender in registered and app not in started:
                started[app] = start_worker(app, perform_ping_check=False)
                started[app].__enter__()  # it ends with this process


def set_up_django(project: Path) -> None:
    """Do what `python manage.py shell` does, with the tables made."""
    found = re.search(r'"DJANGO_SETTINGS_MODULE", "([\w.]+)"', (project / "manage.py").read_text())
    assert found, "manage.py names no settings"
    os.environ["DJANGO_SETTINGS_MODULE"] = found[1]
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


class Evaluator(EvalExample):
    """pytest-examples' evaluator, outside of a pytest fixture."""

    def __init__(self, place: Path, config: Any, name: str) -> None:  # noqa: ANN401
        """Keep files below `place`; `name` identifies the page."""
        super().__init__(
            tmp_path=place,
            pytest_request=SimpleNamespace(config=config, node=SimpleNamespace(nodeid=name)),  # type: ignore[arg-type]
        )

    def run_stripped(
        self, example: CodeExample, names: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """Run a block that has no `#>` lines; return it with those that it deserves, and its namespace."""
        printed, namespace = self._run(example, "check", names, rewrite_assertions=True, call=None)
        return printed.updated_print_statements(example) or example.source, namespace


def strip_output(source: str) -> tuple[str, list[int]]:
    """Remove `#>` lines, and strings below a print; return the rest, and the number of each line kept."""
    lines = source.split("\n")
    drop = {i for i, line in enumerate(lines) if line.lstrip().startswith("#>")}
    for node in ast.walk(ast.parse(source)):
        for body in (getattr(node, "body", None), getattr(node, "orelse", None)):
            for first, second in (
                zip(body or [], (body or [])[1:], strict=False) if isinstance(body, list) else ()
            ):
                if _is_print(first) and _is_string(second):
                    drop |= set(range(second.lineno - 1, second.end_lineno))
    kept = [i for i in range(len(lines)) if i not in drop]
    return "\n".join(lines[i] for i in kept), [i + 1 for i in kept]


def _is_print(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return (
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print"
    )


def _is_string(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def run_page(
    page: Page, lane: str, context: Context, numbers: set[int]
) -> tuple[dict[int, str], dict[int, str]]:
    """Run the inline Python blocks of a page that have these numbers, in order.

    Returns:
        What went wrong, and what the text should be where output differs, by the number of the block.

    """
    enter_lane(lane, context.eager)
    os.environ |= context.variables(page)
    warnings.simplefilter("error")
    failures: dict[int, str] = {}
    updates: dict[int, str] = {}
    shared: dict[str, Any] = {}
    with temporary_folder() as place:
        sandbox = page.marks.get("sandbox", "empty")
        if sandbox != "empty":
            shutil.copytree(context.root / sandbox, place / "project", ignore=IGNORED)
            sys.path.insert(0, str(place / "project"))
        os.chdir(place)
        if is_django(place / "project"):
            set_up_django(place / "project")
        evaluator = Evaluator(place, context.config, page.docname)
        for block, following in zip(page.blocks, [*page.blocks[1:], None], strict=True):
            if block.number not in numbers:
                continue
            names = dict(shared) if "share" in page.marks else {}
            if block.marks.get("name"):
                names["__name__"] = block.marks["name"]
            failure, update, namespace = run_block(block, following, evaluator, names)
            if failure:
                failures[block.number] = failure
            if update:
                updates[block.number] = update
            shared |= namespace
    return failures, updates


def run_block(
    block: Block, following: Block | None, evaluator: Evaluator, names: dict[str, Any]
) -> tuple[str, str, dict[str, Any]]:
    """Run one block; return what went wrong, what its text should be, and its namespace."""
    try:
        source, numbers = strip_output(block.text)
    except SyntaxError as exc:
        return f"line {exc.lineno}: {exc.msg}", "", {}
    example = CodeExample.create(
        source + "\n", path=Path(block.page), start_line=block.content_line
    )
    stdout = io.StringIO()

    def interrupted(*_: object) -> None:
        raise NotFinished("the block ended with KeyboardInterrupt")

    try:
        with (
            contextlib.redirect_stdout(stdout),
            patch("pytest_examples.run_code.print", interrupted, create=True),
        ):
            text, namespace = evaluator.run_stripped(example, names)
    except (Exception, SystemExit) as exc:  # noqa: BLE001 - any exception of the block is the answer
        return judge_exception(block, following, exc, example, numbers), "", {}
    if "raises" in block.marks:
        return "nothing was raised, but the page says so", "", namespace
    if stdout.getvalue():
        return f"something else than `print` wrote to stdout:\n{stdout.getvalue()}", "", namespace
    text = text.rstrip("\n")
    if text != block.text.rstrip("\n"):
        return (
            f"the output is not what the page shows. With the true output:\n{text}",
            text,
            namespace,
        )
    return "", "", namespace


def judge_exception(
    block: Block,
    following: Block | None,
    exc: BaseException,
    example: CodeExample,
    numbers: list[int],
) -> str:
    """Compare an exception with the block that shows it; return what is wrong."""
    last = "".join(traceback.format_exception_only(exc)).rstrip()
    if "raises" in block.marks:
        if following is None or "error" not in following.marks:
            return "the next block must show the error, marked with `% verify: error`"
        try:
            compare(
                f"...\n{following.text}", "Traceback (most recent call last):\n" + last, Stand()
            )
        except Mismatch as mismatch:
            return str(mismatch)
        return ""
    where = ""
    step = exc.__traceback__  # by hand: pytest-examples' frames break the traceback module on 3.11
    while step:
        name, line = Path(step.tb_frame.f_code.co_filename), step.tb_lineno
        if name == example.path:
            line -= example.start_line
        if name == example.path or name.stem == example.module_name:
            number = numbers[min(line, len(numbers)) - 1]
            where = f"line {block.content_line + number - 1}: {block.text.splitlines()[number - 1].strip()}\n    "
        step = step.tb_next
    return f"raised where the page shows no error\n    {where}{last}"

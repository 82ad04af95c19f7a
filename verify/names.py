"""Resolve the names that prose puts in backticks: settings, environment variables, command-line options.

Settings come from Celery's own defaults, options from the click commands behind `celery --help`.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
import zlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import celery
import celery.result
import celery.signals
import click
from celery.app.defaults import _TO_NEW_KEY, DEFAULTS

from verify.record import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verify.blocks import Page

# The first word of every setting, such as `task` in `task_acks_late`.
NAMESPACES = sorted({name.split("_")[0] for name in DEFAULTS if "_" in name})
SETTING = re.compile(rf"(?:{'|'.join(NAMESPACES)})_[a-z_]+\b(?![(.*\[])")
ENVIRONMENT = re.compile(r"\b(?:FLASK_)?(CELERY_(?:_\w+|[A-Z_]+))\b")
OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]*")
# Variables that Celery 5.7 reads itself: `grep -rn environ` in its source.
VARIABLES = {
    "CELERY_BROKER_READ_URL", "CELERY_BROKER_URL", "CELERY_BROKER_WRITE_URL", "CELERY_CONFIG_MODULE",
    "CELERY_LOADER", "CELERY_RESULT_BACKEND", "CELERY_SKIP_CHECKS", "CELERY_TRACE_APP",
    "CELERY_DB_REUSE_MAX",  # a setting of Django's that only celery/fixups/django.py reads
}  # fmt: skip
# Programs besides celery whose options pages may name; a command that begins with one is not checked here.
OTHER_PROGRAMS = (
    "curl",
    "django-admin",
    "flask",
    "git",
    "gunicorn",
    "manage.py",
    "nox",
    "pip",
    "pytest",
    "python",
    "python3",
    "redis-cli",
    "redis-server",
    "uvicorn",
    "watchfiles",
)


@cache
def settings() -> frozenset[str]:
    """Return every setting that Celery's defaults or its documentation know, in the new spelling."""
    with (ROOT / "docs" / "_inv" / "celery.inv").open("rb") as file:
        inventory = zlib.decompress(file.read().split(b"\n", 4)[4]).decode()
    return frozenset(DEFAULTS) | set(re.findall(r"^(\S+) std:setting ", inventory, re.MULTILINE))


@cache
def celery_options() -> frozenset[str]:
    """Return every option of `celery` and its commands."""
    from celery.bin.celery import celery as command

    return frozenset(_options(command))


@cache
def flask_options() -> frozenset[str]:
    """Return every option of `flask` and its commands."""
    from flask.cli import cli

    return frozenset(_options(cli))


def _options(command: click.Command) -> Iterator[str]:
    yield "--help"
    for parameter in command.params:
        yield from (
            name for name in (*parameter.opts, *parameter.secondary_opts) if name.startswith("--")
        )
    for child in getattr(command, "commands", {}).values():
        yield from _options(child)


@cache
def other_options() -> frozenset[str]:
    """Return the options of the web servers, Django, watchfiles, our checker and our own tests, which pages name alone."""
    import django
    from gunicorn.config import KNOWN_SETTINGS
    from uvicorn.main import main as uvicorn
    from watchfiles import cli as watchfiles_cli

    from checkup.command import parser as checkup

    # Without settings, Django's commands cannot be asked.
    root = Path(django.__path__[0])
    paths = [*(root / "core" / "management").rglob("*.py"), root / "test" / "runner.py"]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    djangos = set(re.findall(r'"(--[\w-]+)"', "".join(sources)))
    gunicorn = {word for setting in KNOWN_SETTINGS for word in setting.cli or []}
    watchfiles = set(re.findall(r"'(--[\w-]+)'", inspect.getsource(watchfiles_cli)))
    own = {"--lane", "--update-examples"}
    own |= {name for action in checkup()._actions for name in action.option_strings}  # noqa: SLF001 - argparse lists them nowhere else
    return frozenset(gunicorn | djangos | set(_options(uvicorn)) | watchfiles | own)


@cache
def celery_words() -> frozenset[str]:
    """Return names of Celery's interface that look like settings: signals, arguments, attributes."""
    words = (
        set(dir(celery.signals))
        | set(dir(celery.Task))
        | set(dir(celery.Celery))
        | set(dir(celery.result))
    )
    for function in (
        celery.Celery,
        celery.Task.apply_async,
        celery.Celery.send_task,
        celery.result.AsyncResult,
    ):
        words |= set(inspect.signature(function).parameters)
    return frozenset(words)


def code_names(page: Page) -> set[str]:
    """Return the names that the page's own Python defines: functions, arguments, variables, imports."""
    names = set()
    for block in page.blocks:
        if block.language != "python":
            continue
        source = block.include.path.read_text(encoding="utf-8") if block.include else block.text
        try:
            tree = ast.parse(source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
    return names


def unknown(page: Page) -> Iterator[str]:
    """Yield a message for each name in the page's prose that nothing knows."""
    own = code_names(page)
    wrong = set(filter(None, page.marks.get("wrong-names", "").split(",")))
    for word in page.words:
        for name, nearest in _unknown_in(word.text, own):
            if name in wrong:
                continue
            hint = f"; the nearest is {nearest[0]!r}" if nearest else ""
            yield f"{page.path.name}:{word.line}: no {_kind(name)} is called {name!r}{hint}"


def _kind(name: str) -> str:
    return "option" if name.startswith("--") else "Celery setting or variable"


def _unknown_in(text: str, own: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unknown name of a piece of inline code, with the nearest known ones."""
    yield from _unknown_variables(text)
    rest = ENVIRONMENT.sub("", text)
    for found in SETTING.finditer("" if rest.startswith(".") else rest):
        part_of_a_path = found.start() and rest[found.start() - 1] in "._/<"
        if not part_of_a_path and found[0] not in settings() | celery_words() | own:
            yield found[0], difflib.get_close_matches(found[0], settings(), 1)
    program = text.split(maxsplit=1)[0] if text.strip() else ""
    if program.startswith(OTHER_PROGRAMS) and program != "flask":
        return
    known = flask_options() if program == "flask" else celery_options()
    if program.startswith("--"):
        known |= flask_options() | other_options()
    for option in OPTION.findall(text):
        if option not in known:
            yield option, difflib.get_close_matches(option, known, 1)


def _unknown_variables(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each unknown environment variable or Django setting, with the nearest known ones."""
    for found in ENVIRONMENT.finditer(text):
        name = found[1]
        key = name.removeprefix("CELERY_").removeprefix("_")
        known = {key.lower(), name.lower()} & (settings() | _TO_NEW_KEY.keys())
        if known or (name in VARIABLES and name == found[0]):
            continue
        nearest = difflib.get_close_matches(key.lower(), settings(), 1)
        prefix = found[0].removesuffix(key)
        yield found[0], [prefix + (n if key.islower() else n.upper()) for n in nearest]

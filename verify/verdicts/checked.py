"""`checked`: configuration, markup and scripts, read by the program that they are for.

An included file must also have been read by the checks of its project. To add a language, add a
function to `PROGRAMS` that raises when the text is wrong, or to `FILES` if it needs the file's name and place.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import tomllib
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from verify.dockerfile import read_dockerfile
from verify.projects import LANES, project_of
from verify.record import ROOT
from verify.systemd import read_unit
from verify.verdicts import Context, Wrong, covered
from verify.yaml_files import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from verify.blocks import Block, Page

NAME = "checked"


def _toml(text: str) -> None:
    """Parse it, and let the packaging library read what `pip` would."""
    from packaging.requirements import Requirement

    data = tomllib.loads(text)
    for requirement in data.get("project", {}).get("dependencies", []):
        Requirement(requirement)


def _ini(text: str) -> None:
    configparser.ConfigParser().read_string(text)


class _Tags(HTMLParser):
    """Remember which tags are open."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Open a tag, unless it never has an end."""
        if tag not in {"br", "hr", "img", "input", "link", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")


def _jinja(text: str) -> None:
    """Parse the template, and look whether its tags are closed."""
    from jinja2 import Environment

    Environment(autoescape=True).parse(text)
    tags = _Tags()
    tags.feed(text)
    if tags.open:
        raise ValueError(f"<{tags.open[-1]}> is never closed")


def _javascript(text: str) -> None:
    import quickjs

    quickjs.Context().eval(f"(function () {{\n{text}\n}})")


def _shell(text: str) -> None:
    """Let the shell read it; the project's own sessions and files that it names must exist."""
    sessions = re.findall(r"def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    for name in re.findall(r"nox -s (\w+)", text):
        if name not in sessions:
            raise ValueError(f"nox has no session {name!r}")
    for path in re.findall(r"\b(?:docs|examples)/\S+", text):
        if not (ROOT / path).exists():
            raise ValueError(f"no such file: {path}")
    run = subprocess.run(["/bin/sh", "-n"], input=text, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ValueError(run.stderr)


PROGRAMS: dict[str, Callable[[str], object]] = {
    "toml": _toml,
    "ini": _ini,
    "json": json.loads,
    "html": _jinja,
    "jinja": _jinja,
    "html+jinja": _jinja,
    "javascript": _javascript,
    "js": _javascript,
    "sh": _shell,
    "shell": _shell,
    "bash": _shell,
}
# They read whole files, also where a page shows a part: text, path, and the folder of the project.
FILES: dict[str, Callable[[str, Path, Path], object]] = {
    "yaml": lambda text, path, _: read_yaml(text, path),
    "dockerfile": lambda text, _, folder: read_dockerfile(text, folder),
    "systemd": read_unit,
}


def claims(block: Block) -> bool:
    """Any language with a program in `PROGRAMS` or `FILES`."""
    return block.language in PROGRAMS or block.language in FILES


jobs = covered.jobs


def read(block: Block, page: Page, root: Path) -> None:
    """Let the program read the text; raise whatever it has against it."""
    if block.language in PROGRAMS:
        PROGRAMS[block.language](block.text)
    elif block.include:
        path = block.include.path
        folder = project_of(path, root) or path.parent
        FILES[block.language](path.read_text(encoding="utf-8"), path, folder)
    else:
        sandbox = page.marks.get("sandbox", "empty")
        folder = page.path.parent if sandbox == "empty" else root / sandbox
        FILES[block.language](block.text, folder / block.caption, folder)


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Let the program read the text."""
    try:
        read(block, page, context.root)
    except Exception as exc:
        raise Wrong(f"not valid {block.language}: {exc}") from exc
    if block.include is None:
        return []
    runs = covered.runs_of(block, context)
    project = project_of(block.include.path, context.root)
    assert project
    name = block.include.path.relative_to(project).as_posix()
    if name == "pyproject.toml":  # pytest itself reads it, before the checks
        return list(LANES)
    readers = [lane for lane, run in runs.items() if name in run.opened]
    if not readers:
        raise Wrong(f"no check of {project.relative_to(context.root)} reads {name}")
    return readers

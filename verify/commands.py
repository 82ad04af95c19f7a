"""Commands in files of a deployment: they run without a shell in between, and what they name exists."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SHELLS = {"sh", "bash", "dash", "ash"}
# Options of celery, flask and gunicorn whose value is a module, alone or before a colon.
MODULES = {"-A", "--app", "-I", "--include"}
FILES = {"-c", "--config"}


def check_command(words: Sequence[str], folder: Path) -> None:
    """Look at a command that starts in `folder`.

    Raises:
        ValueError: for a shell that would keep SIGTERM to itself, or a module or file that does not exist.

    """
    if not words:
        raise ValueError("an empty command")
    program = PurePath(words[0]).name
    if program in SHELLS and "-c" in words and not words[words.index("-c") + 1].startswith("exec "):
        raise ValueError(
            f"{shlex.join(words)}: the shell does not pass SIGTERM on; write the program and its arguments"
        )
    if program not in {"celery", "flask", "gunicorn"}:
        return
    for option, value in pairwise(words):
        name, _, given = option.partition("=")
        if name in MODULES and program != "gunicorn":
            _module(given or value, folder)
        elif name in FILES and program == "gunicorn" and not (folder / (given or value)).is_file():
            raise ValueError(f"{program}: there is no file {given or value}")
    if program == "gunicorn":
        _module(words[-1], folder)


def _module(name: str, folder: Path) -> None:
    place = folder.joinpath(*re.split(r"[:(]", name)[0].split("."))
    if not (place.is_dir() or place.with_suffix(".py").is_file()):
        raise ValueError(f"there is no module {name}")

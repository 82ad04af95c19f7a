"""The files that the site offers to download; the build makes them, and so does a session whose page needs one."""

from __future__ import annotations

import zipfile
from functools import partial
from typing import TYPE_CHECKING

from verify.record import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from verify.blocks import Page

# The folders of which readers get a copy, by the name of the folder in their zip.
TEMPLATES = {
    "flask-minimal": "examples/templates/flask",
    "django-minimal": "examples/templates/django",
    "fastapi-minimal": "examples/templates/fastapi",
    "flask-shop": "examples/flask",
    "django-shop": "examples/django",
    "fastapi-shop": "examples/fastapi",
}
# What running a project leaves in its folder.
LEFT = {"__pycache__", "htmlcov", "images", "instance", "media", "static"}
LEFT_FILES = ("*.db", "*.log", "*.pyc", "*.sqlite3*", "beat", "celerybeat-schedule*")
HIDDEN = {".dockerignore", ".env.example", ".gitignore"}  # of the files with a dot, those to copy
DATE = (1980, 1, 1, 0, 0, 0)  # of every file, so that two builds make the same bytes


def write_zip(path: Path, files: Mapping[str, bytes], before: bytes = b"") -> None:
    """Write a zip file; `before` are bytes in front of it, such as the first line of a program."""
    with path.open("wb") as stream:
        stream.write(before)
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(files):
                info = zipfile.ZipInfo(name, DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, files[name])


def write_checkup(path: Path, url: str) -> None:
    """Write the checker as one file that Python runs; it links to the site at `url`, which ends with a slash, or is empty."""
    files = {
        source.relative_to(ROOT).as_posix(): source.read_bytes()
        for source in (ROOT / "checkup").rglob("*.py")
    }
    unset = b'URL = ""'
    site = files["checkup/site.py"]
    if unset not in site:
        raise ValueError(f"checkup/site.py has no line {unset.decode()}")
    files["checkup/site.py"] = site.replace(unset, f'URL = "{url}"'.encode())
    files["__main__.py"] = files["checkup/__main__.py"]
    write_zip(path, files, b"#!/usr/bin/env python3\n")


def of_template(folder: Path) -> dict[str, bytes]:
    """Return the files of a project that a reader gets: no caches, databases, uploads or `.env`.

    Raises:
        FileNotFoundError: if there is no project in the folder.

    """
    if not (folder / "pyproject.toml").is_file():
        raise FileNotFoundError(f"no project to offer as a template in {folder}")
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts) and path.name not in HIDDEN
        left = name.parts[0] in LEFT or "__pycache__" in name.parts
        if path.is_file() and not (hidden or left or any(map(path.match, LEFT_FILES))):
            files[name.as_posix()] = path.read_bytes()
    return files


def write_template(template: str, path: Path, _url: str) -> None:
    """Write a project as a zip with one folder in it."""
    files = of_template(ROOT / TEMPLATES[template])
    write_zip(path, {f"{template}/{name}": text for name, text in files.items()})


# By name: what writes a file to a path, for the site at an address, which is empty where it is not known.
DOWNLOADS: dict[str, Callable[[Path, str], None]] = {
    "checkup.pyz": write_checkup,
    **{f"{template}.zip": partial(write_template, template) for template in TEMPLATES},
}


def made_from(page: Page) -> list[str]:
    """Return the folders, below the root, from which the files are made that a page's session begins with."""
    folders = {f"{template}.zip": folder for template, folder in TEMPLATES.items()}
    folders["checkup.pyz"] = "checkup"
    return [folders[name] for name in filter(None, page.marks.get("download", "").split(","))]

"""The files that the site offers to download; the build makes them, and so does a session whose page needs one."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from verify.record import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from verify.blocks import Page

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


# By name: what writes a file to a path, for the site at an address, which is empty where it is not known.
DOWNLOADS: dict[str, Callable[[Path, str], None]] = {"checkup.pyz": write_checkup}


def made_from(page: Page) -> list[str]:
    """Return the folders, below the root, from which the files are made that a page's session begins with."""
    names = filter(None, page.marks.get("download", "").split(","))
    return ["checkup" for name in names if name == "checkup.pyz"]

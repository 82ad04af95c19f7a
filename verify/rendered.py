"""Hold the verifier's list of blocks against what Sphinx renders: neither may miss one."""

from __future__ import annotations

import io
import json
import warnings
from typing import TYPE_CHECKING

from sphinx.application import Sphinx

from verify.shell import temporary_folder

if TYPE_CHECKING:
    from pathlib import Path

    from verify.blocks import Page


def render(docs: Path) -> dict[str, list[tuple[str, str]]]:
    """Build the site with Sphinx's `dummy` builder; return language and text of each block, by docname."""
    warnings.simplefilter(
        "ignore"
    )  # what Sphinx and its extensions deprecate is not the pages' fault
    with temporary_folder() as place:
        target = place / "rendered.json"
        app = Sphinx(
            docs, docs, place / "out", place / "doctrees", "dummy",
            confoverrides={"verdicts_rendered_file": str(target)}, status=None, warning=io.StringIO(), freshenv=True,
        )  # fmt: skip
        app.build()
        data = json.loads(target.read_text(encoding="utf-8"))
    return {name: [(b["language"], b["text"]) for b in blocks] for name, blocks in data.items()}


def differences(page: Page, rendered: list[tuple[str, str]]) -> str:
    """Say how the two lists of a page differ; empty if they do not."""
    ours = [(block.language, block.text.rstrip("\n")) for block in page.blocks]
    theirs = [(language, text.rstrip("\n")) for language, text in rendered]
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=False), 1):
        if mine != other:
            block = page.blocks[number - 1]
            return f"{block.where}: block {number} is {mine!r} here, but Sphinx renders {other!r}"
    if len(ours) != len(theirs):
        extra = (ours[len(theirs) :] or theirs[len(ours) :])[0]
        who = "only the verifier sees" if len(ours) > len(theirs) else "only Sphinx renders"
        return f"{page.path.name}: {who} block {min(len(ours), len(theirs)) + 1}: {extra!r}"
    return ""

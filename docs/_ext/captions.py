"""Captions of code blocks are file names: `shop/__init__.py` is no Markdown, its underscores stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

MARKS = {nodes.strong: "__", nodes.emphasis: "_"}


def restore_underscores(_app: Sphinx, doctree: nodes.document) -> None:
    """Turn emphasis in the captions of a page back into what the author wrote."""
    for caption in doctree.findall(nodes.caption):
        if not isinstance(caption.parent, nodes.container):
            continue
        for kind, mark in MARKS.items():
            for node in list(caption.findall(kind)):
                node.replace_self(nodes.Text(f"{mark}{node.astext()}{mark}"))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Look at each page when it has been read."""
    app.connect("doctree-read", restore_underscores)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

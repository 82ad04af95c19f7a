"""The files that readers download: written into the site, at its root, and linked to with their size.

A page links with ``{offer}`checkup.pyz` ``; the names are those of `verify.downloads`.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from verify.downloads import DOWNLOADS

if TYPE_CHECKING:
    from pathlib import Path

    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


EXAMPLE = "https://docs.example.org/"  # what a page writes for the address of this site


class Offer(SphinxRole):
    """`{offer}`: a link to a file that readers download, and its size."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Leave a link; its size is known when the file is there."""
        if self.text not in DOWNLOADS:
            known = ", ".join(sorted(DOWNLOADS))
            message = self.inliner.reporter.error(
                f"no file to download is called {self.text!r}; there are: {known}", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        folder = posixpath.dirname(self.env.docname) or "."
        address = posixpath.relpath(self.text, folder)
        link = nodes.reference("", "", nodes.literal("", self.text), refuri=address, internal=True)
        size = (self.env.app.outdir / self.text).stat().st_size
        return [link, nodes.Text(f" ({size / 1024:.0f} KB)")], []


def write(app: Sphinx) -> None:
    """Write each file before the pages that link to it are read."""
    folder: Path = app.outdir
    folder.mkdir(parents=True, exist_ok=True)
    for name, write_file in DOWNLOADS.items():
        write_file(folder / name, app.config.html_baseurl)


def write_address(app: Sphinx, doctree: nodes.document, _docname: str) -> None:
    """Write this site's address into the commands that download a file, if it is known."""
    for block in doctree.findall(nodes.literal_block) if app.config.html_baseurl else ():
        text = block.astext()
        for name in DOWNLOADS:
            text = text.replace(f"{EXAMPLE}{name}", f"{app.config.html_baseurl}{name}")
        if text != block.astext():
            # Sphinx highlights a block whose source is its text.
            block.rawsource = text
            block[:] = [nodes.Text(text)]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Add the role, and write the files when the build begins."""
    app.connect("builder-inited", write)
    app.connect("doctree-resolved", write_address)
    app.add_role("offer", Offer())
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""`{diagram}`: Mermaid drawn while the site is built, once for light and once for dark."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import mermaidx
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective
from sphinx.util.osutil import relative_uri

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator

FOLDER = "_diagrams"  # of the site
THEMES = (("neutral", "only-light"), ("dark", "only-dark"))  # Mermaid's theme, Furo's class
READABLE = 520  # pixels: a wider drawing shrinks to this, then scrolls
SIZE = re.compile(r'viewBox="[-\d.]+ [-\d.]+ (?P<width>[\d.]+) (?P<height>[\d.]+)"')


class Diagram(nodes.General, nodes.Element):
    """A diagram: its Mermaid source and what it says in words."""


class DiagramDirective(SphinxDirective):
    """Take the source; `:alt:` is required."""

    has_content = True
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "alt": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the node, or an error if nobody wrote what the diagram says."""
        self.assert_has_content()
        if not self.options.get("alt"):
            message = "a diagram needs :alt:, for those who do not see it"
            raise self.error(message)
        return [Diagram(source="\n".join(self.content), alt=self.options["alt"])]


def draw(source: str, theme: str, outdir: Path) -> Path:
    """Return the drawing in the site, drawn now if the cache does not have it."""
    cache = outdir.parent / "diagrams"
    cache.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(f"{mermaidx.__version__} {source}".encode()).hexdigest()[:16]
    drawing = cache / f"{key}-{theme}.svg"
    if not drawing.exists():
        mermaidx.render(source, theme=theme).save(str(drawing))
    (outdir / FOLDER).mkdir(exist_ok=True)
    return Path(shutil.copy(drawing, outdir / FOLDER))


def visit_diagram(translator: HTML5Translator, node: Diagram) -> None:
    """Write one image for each colour scheme; a browser loads only the one it shows."""
    translator.body.append('<div class="diagram">\n')
    builder = translator.builder
    here = builder.get_target_uri(builder.current_docname)
    for theme, name in THEMES:
        drawing = draw(node["source"], theme, Path(builder.outdir))
        size = SIZE.search(drawing.read_text(encoding="utf-8"))
        if size is None:
            message = f"{drawing} has no viewBox"
            raise ValueError(message)
        width, height = round(float(size["width"])), round(float(size["height"]))
        translator.body.append(
            f'<img class="{name}" src="{relative_uri(here, f"{FOLDER}/{drawing.name}")}" '
            f'alt="{translator.attval(node["alt"])}" width="{width}" height="{height}" '
            f'style="min-width: {min(width, READABLE)}px" loading="lazy">\n'
        )
    translator.body.append("</div>\n")
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_node(Diagram, html=(visit_diagram, None))
    app.add_directive("diagram", DiagramDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

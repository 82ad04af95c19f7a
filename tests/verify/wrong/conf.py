"""A site of pages that must fail, with one directive that hides a block from the verifier."""

import sys
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "docs" / "_ext"), str(ROOT)]

root_doc = "right"
extensions = ["myst_parser", "sphinx_tabs.tabs", "verdicts"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_*"]
myst_enable_extensions = ["colon_fence"]


class Diagram(SphinxDirective):
    """Render a code block where the verifier expects none."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        return [nodes.literal_block("hidden", "hidden", language="text")]


def setup(app: object) -> None:
    """Register the directive under the name of the site's own."""
    app.add_directive("diagram", Diagram)

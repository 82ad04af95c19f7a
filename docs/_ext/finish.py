"""The last touches to the pages that Furo and sphinx-tabs write.

- One style sheet and one script for all pages, instead of five and eight.
- Names and levels that assistive technology needs and that the templates leave out.
- Tabs as valid HTML, with the label where site.css and tabs.js look for it.
- The size of each picture, so that one that loads late keeps its place.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.util import logging
from sphinx.util.images import get_image_size
from sphinx_tabs import tabs

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

KINDS = {"css": "css_files", "js": "script_files"}  # of a bundle, and its name in the templates
BETWEEN = {"css": "\n", "js": "\n;\n"}  # a script may end without a semicolon
SOURCE_MAP = re.compile(r"\n?/[/*]# sourceMappingURL=\S+(?: \*/)?")
STAMP = re.compile(r'(?P<name>_static/all\.(?P<kind>css|js))(?:\?v=\w+)?"')
NAVIGATION = '<input type="checkbox" class="sidebar-toggle" name="__navigation"'
CONTENTS = 'aria-label="Toggle table of contents sidebar">'
MENDS = (  # what each page of Furo's has, and what it should have
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="Site">'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
    (NAVIGATION, f'<nav class="menu-toggles" aria-label="Menus">{NAVIGATION}'),
    (CONTENTS, f"{CONTENTS}</nav>"),
)
# Pagefind links to headings, Sphinx gives the id to the section around them.
HEADING = re.compile(r'(<section id="(?P<id>[^"]+)">(?:\s*<span id="[^"]*"></span>)*\s*<h[1-6])>')
PICTURE = re.compile(r'<img (?=[^>]*src="(?P<uri>[^"]*_images/[^"]+)")(?![^>]*width=)')
CAPTION = ('role="heading">', 'role="heading" aria-level="2">')  # pages with captions only


@dataclass
class Bundles:
    """The style sheets and the scripts of all pages."""

    files: dict[str, list[str]] = field(default_factory=dict)

    def replace(
        self,
        _app: Sphinx,
        page: str,
        _template: str,
        context: dict[str, Any],
        _doctree: nodes.document | None,
    ) -> None:
        """Note what the page asks for, and give it one file of each kind."""
        for kind, key in KINDS.items():
            entries = sorted(context[key], key=lambda entry: entry.priority)
            # sphinx-tabs asks for its script again on pages with tabs
            names = list(dict.fromkeys(str(entry.filename) for entry in entries if entry.filename))
            if self.files.setdefault(kind, names) != names:
                logger.warning(
                    "asks for other files than the other pages: %s", names, location=page
                )
            context[key] = [f"_static/all.{kind}"]

    def write(self, app: Sphinx, exception: Exception | None) -> None:
        """Write the bundles, and finish each page."""
        if exception or app.builder.format != "html":
            return
        outdir = Path(app.outdir)
        versions = {}
        for kind, names in self.files.items():
            parts = [(outdir / name).read_text(encoding="utf-8") for name in names]
            text = SOURCE_MAP.sub("", BETWEEN[kind].join(parts))
            (outdir / "_static" / f"all.{kind}").write_text(text, encoding="utf-8")
            versions[kind] = hashlib.sha256(text.encode()).hexdigest()[:10]
        for page in outdir.rglob("*.html"):
            before = page.read_text(encoding="utf-8")
            after = STAMP.sub(lambda found: f'{found["name"]}?v={versions[found["kind"]]}"', before)
            after = PICTURE.sub(partial(with_size, page.parent), mend(after, page.name))
            if after != before:
                page.write_text(after, encoding="utf-8")


def with_size(folder: Path, found: re.Match[str]) -> str:
    """Give a picture its width and height, in pixels; `folder` is that of the page."""
    size = get_image_size(folder / found["uri"])
    if size is None:
        logger.warning("the size of this picture is unknown: %s", found["uri"])
        return found[0]
    width, height = size
    return f'<img width="{width}" height="{height}" '


def mend(text: str, page: str) -> str:
    """Replace what needs mending; warn when a page no longer has it."""
    for before, after in MENDS:
        if after in text:  # this page was not written anew
            continue
        if before not in text:
            logger.warning("nothing to mend: %s", before, location=page)
        text = text.replace(before, after)
    text = HEADING.sub(r'\1 id="\g<id>-title">', text)
    return text.replace(*CAPTION)


def visit_tab_part(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a tab, a panel or their frame without the attributes that HTML does not have."""
    dropped = {"classes", "ids", "names", "dupnames", "backrefs", "name", "hidden"}
    attributes = {key: value for key, value in node.attributes.items() if key not in dropped}
    if node.get("name"):
        grouped = "group-tab" in node["classes"]
        label = base64.b64decode(node["name"]).decode() if grouped else node["name"]
        attributes["data-tab"] = label
    if node.get("hidden"):
        attributes["hidden"] = ""
    if isinstance(node, tabs.SphinxTabsTab):
        attributes["type"] = "button"
    translator.body.append(translator.starttag(node, node.tagname, **attributes).strip())


def setup(app: Sphinx) -> ExtensionMetadata:
    """Bundle and mend HTML pages."""
    bundles = Bundles()
    for part in (tabs.SphinxTabsPanel, tabs.SphinxTabsTab, tabs.SphinxTabsTablist):
        app.add_node(part, override=True, html=(visit_tab_part, tabs.depart))
    app.connect("html-page-context", bundles.replace, priority=900)
    app.connect("build-finished", bundles.write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

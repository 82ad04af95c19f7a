"""What the verifier's record says, shown where a reader looks: below each block, and in totals.

- Below each block: one line with its verdict, from `verify.record`. A block that is not the one of
  the record is a warning, so that a strict build fails.
- `{verified-totals}`: what was verified, page by page, and what was not.
- `{verified-numbers}`: the same in four numbers, for the front page.

`verdicts_record` names another record; `verdicts_rendered_file` names a file for the blocks that a
build rendered, as JSON, which the verifier holds against its own list.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from verify import record as verify_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docutils.parsers.rst import Directive
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

EXPLAINED_IN = "reference/verified"
NOT_VERIFIED = "not verified in this build"
SHOWN_ONLY = "shown only"
VERDICTS = ("ran", "covered", "fails as shown", "session", "checked", SHOWN_ONLY)
LANES = ("eager", "worker", "files", "live")
HOW_TO_VERIFY = "python3 -m nox -s doctest"


class Badge(nodes.General, nodes.Element):
    """The line below a block."""


class Totals(nodes.General, nodes.Element):
    """The place of `{verified-totals}`."""


class Numbers(nodes.General, nodes.Element):
    """The place of `{verified-numbers}`."""


class Place(SphinxDirective):
    """Leave a node that is replaced when all pages have been read."""

    place: ClassVar[type[nodes.Element]]

    def run(self) -> list[nodes.Node]:
        """Mark the page, so that it is built anew when the record changes."""
        self.env.metadata[self.env.docname]["shows-record"] = "yes"
        return [self.place()]


class TotalsDirective(Place):
    """`{verified-totals}`."""

    place = Totals


class NumbersDirective(Place):
    """`{verified-numbers}`."""

    place = Numbers


@dataclass
class Page:
    """One page with blocks: what it shows, and the record's entry if that is fresh."""

    docname: str
    title: str
    count: int
    blocks: list[verify_record.BlockRecord] | None


@dataclass
class Verdicts:
    """The state of one build."""

    record: verify_record.Record | None = None
    rendered: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def begin(self, app: Sphinx) -> None:
        """Load the record of the last run."""
        self.record = verify_record.load(Path(app.config.verdicts_record))
        self.rendered = {}

    def blocks(self, docname: str) -> list[verify_record.BlockRecord] | None:
        """Return the fresh entry of a page, or None."""
        return self.record.blocks(docname) if self.record else None

    def outdated(self, _app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
        """Name the pages whose verdicts are no longer those that the last build showed."""
        before: dict[str, str] = getattr(env, "verdicts_shown", {})
        now = {docname: repr(self.blocks(docname)) for docname in env.found_docs}
        if self.record:
            now[""] = f"{self.record.commit} {self.record.date} {self.record.versions}"
        env.verdicts_shown = now  # type: ignore[attr-defined]
        changed = {docname for docname in now if docname and before.get(docname) != now[docname]}
        if before != now:
            changed |= {name for name, data in env.metadata.items() if "shows-record" in data}
        return sorted(changed & env.all_docs.keys())

    def resolve(self, app: Sphinx, doctree: nodes.document, docname: str) -> None:
        """Note the blocks of a page; on HTML pages, put in badges, totals and numbers."""
        shown = literal_blocks(doctree)
        self.rendered[docname] = [
            {"language": language_of(node, app), "text": node.astext()} for node in shown
        ]
        if app.builder.format != "html":
            return
        self.add_badges(app, docname, shown)
        for place in list(doctree.findall(Totals)):
            place.replace_self(self.totals(app, docname))
        for place in list(doctree.findall(Numbers)):
            place.replace_self(self.numbers(app, docname))

    def add_badges(self, app: Sphinx, docname: str, shown: list[nodes.Element]) -> None:
        """Put a badge after each block of a page, behind the frame that holds its caption.

        If the blocks are not those of the record, warn, and claim nothing about the page.
        """
        blocks = self.blocks(docname)
        if blocks is not None and (found := difference(app, shown, blocks)):
            place, message = found
            logger.warning(message, location=place or docname, type="verdicts")
            blocks = None
        target = None
        if EXPLAINED_IN in app.env.found_docs:
            target = app.builder.get_relative_uri(docname, EXPLAINED_IN)
        for index, node in enumerate(shown):
            badge = Badge(verdict=NOT_VERIFIED, details=[], target=target)
            if blocks is not None and self.record:
                badge["verdict"] = blocks[index].verdict
                badge["details"] = details(blocks[index], self.record.versions["Celery"])
            captioned = isinstance(node.parent, nodes.container) and "literal_block" in node.parent
            frame = node.parent if captioned else node
            frame.parent.insert(frame.parent.index(frame) + 1, badge)

    def pages(self, app: Sphinx) -> list[Page]:
        """Return all pages that show blocks, in the order of the site."""
        pages = []
        for docname in in_site_order(app.env):
            shown = literal_blocks(app.env.get_doctree(docname))
            if not shown:
                continue
            blocks = self.blocks(docname)
            if blocks is not None and difference(app, shown, blocks):
                blocks = None
            pages.append(Page(docname, app.env.titles[docname].astext(), len(shown), blocks))
        return pages

    def totals(self, app: Sphinx, docname: str) -> list[nodes.Node]:
        """Make the tables of `{verified-totals}`."""
        if self.record is None:
            return [not_verified()]
        pages = self.pages(app)
        fresh = [(page, block) for page in pages for block in page.blocks or []]
        counts = Counter(block.verdict for _, block in fresh)
        missing = sum(page.count for page in pages if page.blocks is None)
        if missing:
            counts[NOT_VERIFIED] = missing
        total = sum(counts.values())
        versions = ", ".join(f"{name} {number}" for name, number in self.record.versions.items())
        facts = [
            ("Run", f"{self.record.date.replace('T', ' ')[:16]} UTC, commit {self.record.commit}"),
            ("With", versions),
            ("Lanes", ", ".join(lanes_of(block for _, block in fresh)) or "none"),
        ]
        verdicts = [
            [verdict, str(counts[verdict]), share(counts[verdict], total)]
            for verdict in (*VERDICTS, NOT_VERIFIED)
            if counts[verdict] or verdict != NOT_VERIFIED
        ]
        by_page = [
            [self.link(app, docname, page.docname, page.title), str(page.count), summary(page)]
            for page in pages
        ]
        shown_only = [
            [self.link(app, docname, page.docname, page.title), block.heading, block.reason]
            for page, block in fresh
            if block.verdict == SHOWN_ONLY
        ]
        result: list[nodes.Node] = [
            field_list(facts),
            table(["Verdict", "Blocks", "Share"], [*verdicts, ["all", str(total), "100 %"]]),
            subheading("Page by page"),
            table(["Page", "Blocks", "Verdicts"], by_page),
            subheading("Shown only, and why"),
        ]
        if shown_only:
            return [*result, table(["Page", "Section", "Reason"], shown_only)]
        return [*result, nodes.paragraph("", "No block of this build is shown only.")]

    def numbers(self, app: Sphinx, docname: str) -> list[nodes.Node]:
        """Make the numbers of `{verified-numbers}`."""
        pages = self.pages(app)
        if self.record is None or all(page.blocks is None for page in pages):
            return [not_verified()]
        blocks = [block for page in pages for block in page.blocks or []]
        total = sum(page.count for page in pages)
        good = sum(block.verdict != SHOWN_ONLY for block in blocks)
        lanes = lanes_of(blocks)
        plural = "" if len(pages) == 1 else "s"
        numbers = [
            (str(total), f"blocks of code and output on {len(pages)} page{plural}"),
            (share(good, total), "of them executed or checked in this build"),
            (str(len(lanes)), f"ways to run Celery: {', '.join(lanes)}"),
            (
                self.record.versions["Celery"],
                f"of Celery, on Python {self.record.versions['Python']}",
            ),
        ]
        items = []
        for number, words in numbers:
            item = nodes.list_item("", nodes.paragraph("", "", nodes.strong("", number)))
            item[0] += nodes.Text(f" {words}")
            items.append(item)
        more = nodes.paragraph(classes=["verified-more"])
        more += nodes.Text(f"Run of {self.record.date[:10]}. ")
        more += self.link(app, docname, EXPLAINED_IN, "What was checked, and what was not")
        return [nodes.bullet_list("", *items, classes=["verified-numbers"]), more]

    @staticmethod
    def link(app: Sphinx, here: str, docname: str, text: str) -> nodes.reference:
        """Make a link from one page to another."""
        uri = app.builder.get_relative_uri(here, docname)
        return nodes.reference("", text, internal=True, refuri=uri)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Write the rendered blocks of all pages, if a file is named for them."""
        if exception or not app.config.verdicts_rendered_file:
            return
        for docname in sorted(app.env.found_docs - self.rendered.keys()):
            app.env.get_and_resolve_doctree(docname, app.builder)
        path = Path(app.config.verdicts_rendered_file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.rendered, indent=1, sort_keys=True), encoding="utf-8")


def literal_blocks(doctree: nodes.document) -> list[nodes.Element]:
    """Return the blocks that a reader sees, in document order."""
    return list(
        doctree.findall(lambda node: isinstance(node, nodes.literal_block | nodes.doctest_block))
    )


def language_of(node: nodes.Element, app: Sphinx) -> str:
    """Return the language of a block, as Sphinx resolved it."""
    return node.get("language", app.config.highlight_language)


def difference(
    app: Sphinx, shown: list[nodes.Element], blocks: list[verify_record.BlockRecord]
) -> tuple[nodes.Element | None, str] | None:
    """Say where and how a page differs from its record, or return None."""
    if len(shown) != len(blocks):
        return None, f"the page shows {len(shown)} blocks, the record of the run has {len(blocks)}"
    for node, block in zip(shown, blocks, strict=True):
        place = f"page line {block.line}"
        if language_of(node, app) != block.language:
            message = (
                f"a block in {language_of(node, app)}, in the record {block.language}, {place}"
            )
            return node, message
        if verify_record.text_digest(node.astext()) != block.digest:
            return node, f"the text of this block is not the one of the record, {place}"
    return None


def in_site_order(env: BuildEnvironment) -> list[str]:
    """Return all docnames, in the order of the toctrees, then those outside of them."""
    order: dict[str, None] = {}

    def walk(docname: str) -> None:
        if docname not in order:
            order[docname] = None
            for child in env.toctree_includes.get(docname, []):
                walk(child)

    walk(env.config.root_doc)
    return [*order, *sorted(env.found_docs - order.keys())]


def details(block: verify_record.BlockRecord, celery: str) -> list[str]:
    """Say how a block came to its verdict."""
    if block.verdict == SHOWN_ONLY:
        return [block.reason]
    return [f"Celery {celery}", ", ".join(block.lanes)] if block.lanes else []


def lanes_of(blocks: Iterable[verify_record.BlockRecord]) -> list[str]:
    """Return the lanes that blocks ran in, in their usual order."""
    seen = {lane for block in blocks for lane in block.lanes}
    return [lane for lane in LANES if lane in seen] + sorted(seen.difference(LANES))


def share(part: int, total: int) -> str:
    """Return a percentage, rounded down: 100 % means all of them."""
    return f"{100 * part // total} %" if total else "0 %"


def summary(page: Page) -> str:
    """Count the verdicts of one page in words."""
    if page.blocks is None:
        return NOT_VERIFIED
    counts = Counter(block.verdict for block in page.blocks)
    return ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])


def not_verified() -> nodes.admonition:
    """Say that a build has no verdicts, and how to get them."""
    text = nodes.paragraph("", "There is no record of a run for these pages. ")
    text += nodes.literal("", HOW_TO_VERIFY)
    text += nodes.Text(" makes one; then build the site again.")
    title = nodes.title("", "This build is not verified")
    return nodes.admonition("", title, text, classes=["admonition-not-verified"])


def subheading(text: str) -> nodes.rubric:
    """Make a heading below a section's title."""
    return nodes.rubric("", text, **{"heading-level": 3})


def field_list(facts: list[tuple[str, str]]) -> nodes.field_list:
    """Make a list of names and values."""
    fields = []
    for name, value in facts:
        body = nodes.field_body("", nodes.paragraph("", value))
        fields.append(nodes.field("", nodes.field_name("", name), body))
    return nodes.field_list("", *fields)


def table(head: list[str], rows: list[list[Any]]) -> nodes.container:
    """Make a table of texts and inline nodes, in the frame that Furo gives to tables."""
    group = nodes.tgroup(cols=len(head))
    group += [nodes.colspec(colwidth=1) for _ in head]
    group += nodes.thead("", table_row(head))
    group += nodes.tbody("", *[table_row(row) for row in rows])
    frame = nodes.table("", group, classes=["verified"])
    return nodes.container("", frame, classes=["table-wrapper"])


def table_row(cells: list[Any]) -> nodes.row:
    """Make one row of a table."""
    row = nodes.row()
    for cell in cells:
        inline = nodes.Text(cell) if isinstance(cell, str) else cell
        row += nodes.entry("", nodes.paragraph("", "", inline))
    return row


def visit_badge(translator: HTML5Translator, node: Badge) -> None:
    """Write the badge, which is neither searched nor copied."""
    encode = translator.encode
    kind = node["verdict"].replace(" ", "-")
    name = f'<span class="verdict-name">{encode(node["verdict"])}</span>'
    if node["target"]:
        name = f'<a href="{encode(node["target"])}">{name}</a>'
    text = " · ".join([name, *(encode(detail) for detail in node["details"])])
    translator.body.append(f'<p class="verdict verdict-{kind}" data-pagefind-ignore>{text}</p>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register badges, directives and the list of rendered blocks."""
    verdicts = Verdicts()
    app.add_config_value("verdicts_record", str(verify_record.RECORD), "", types=[str])
    app.add_config_value("verdicts_rendered_file", "", "", types=[str])
    directives: dict[str, type[Directive]] = {
        "verified-totals": TotalsDirective,
        "verified-numbers": NumbersDirective,
    }
    for name, directive in directives.items():
        app.add_directive(name, directive)
    app.add_node(Badge, html=(visit_badge, None))
    app.add_node(Totals)  # always replaced
    app.add_node(Numbers)
    app.connect("builder-inited", verdicts.begin)
    app.connect("env-get-outdated", verdicts.outdated)
    app.connect("doctree-resolved", verdicts.resolve)
    app.connect("build-finished", verdicts.finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Find every code block of a page, with MyST's own parser and the site's own settings.

What comes out is what a reader sees: `literalinclude` is resolved by Sphinx's own reader, blocks inside
tabs, lists and admonitions are included. `verify/rendered.py` holds the list against Sphinx's.
"""

from __future__ import annotations

import runpy
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

from docutils.parsers.rst import Directive, directives
from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser
from sphinx.directives.code import CodeBlock, LiteralInclude, LiteralIncludeReader
from sphinx.util._lines import parse_line_num_spec

from verify import needs
from verify.downloads import DOWNLOADS

if TYPE_CHECKING:
    from markdown_it.token import Token

CODE = {"code", "code-block", "sourcecode"}
# Directives whose text is not Markdown, and which render no code block.
NO_BLOCKS = {
    "contents",
    "diagram",
    "image",
    "math",
    "raw",
    "toctree",
    "verified-numbers",
    "verified-totals",
}
FRAMEWORKS = ("Flask", "Django", "FastAPI")  # the tabs of a set, in this order
PAGE_MARKS = {"download", "needs", "own-settings", "sandbox", "share", "wrong-names"}
BLOCK_MARKS = {
    "background",
    "error",
    "exit",
    "found",
    "log",
    "name",
    "needs",
    "raises",
    "stop",
    "tree",
}


class PageError(Exception):
    """A page that the verifier cannot read; the message says where and what to do."""

    def __init__(self, page: str, line: int, message: str) -> None:
        """Say where, as an editor can follow it, and what."""
        super().__init__(f"{page}:{line}: {message}")


@dataclass(frozen=True)
class Include:
    """Where the text of a block comes from."""

    path: Path
    # For each line shown, its number in the file; None for a line that the page adds.
    lines: tuple[int | None, ...]


@dataclass
class Block:
    """One code block, as the reader sees it."""

    page: str  # path of the page below the root
    line: int  # of the page, where the block begins
    language: str  # as Sphinx resolves it
    text: str  # without the newline at the end
    heading: str
    number: int  # on the page, from 1
    marks: dict[str, str] = field(default_factory=dict)
    caption: str = ""
    include: Include | None = None
    emphasized: tuple[int, ...] = ()
    content_line: int = 0  # of the page, where the text of an inline block begins
    indent: str = ""  # of an inline block in the page

    @property
    def where(self) -> str:
        """Where the block is, as an editor can follow it."""
        return f"{self.page}:{self.line}"


@dataclass
class Words:
    """A piece of inline code in the prose."""

    text: str
    line: int


@dataclass
class Page:
    """One page: its blocks in order, and what its prose names."""

    path: Path
    docname: str
    blocks: list[Block]
    words: list[Words]
    marks: dict[str, str]


class _Reader(LiteralIncludeReader):
    """Sphinx's reader, which also remembers the number of each line that it lets through."""

    numbers: tuple[int | None, ...] = ()

    class Line(str):
        """A line that knows its number."""

        __slots__ = ("number",)
        number: int

    def read_file(self, filename: Any, location: Any = None) -> list[str]:  # noqa: ANN401
        lines: list[str] = []
        for number, text in enumerate(super().read_file(filename, location), 1):
            line = self.Line(text)
            line.number = number
            lines.append(line)
        return lines

    def dedent_filter(self, lines: list[str], location: Any = None) -> list[str]:  # noqa: ANN401
        self.numbers = tuple(getattr(line, "number", None) for line in lines)
        return super().dedent_filter(lines, location)

    def resolved(self) -> tuple[str, tuple[int | None, ...]]:
        """Return the text shown, and the number of each line of it in the file."""
        text, _ = self.read()
        if "diff" in self.options:
            return text, _new_line_numbers(text)
        added = [None] if self.options.get("prepend") else []
        return text, (*added, *self.numbers, *([None] if self.options.get("append") else []))


def _new_line_numbers(diff: str) -> tuple[int | None, ...]:
    """Return, for each line of a unified diff, its number in the new file if it was added."""
    numbers: list[int | None] = []
    number = 0
    for line in diff.splitlines():
        if line.startswith("@@"):
            number = int(line.split("+")[1].split(",")[0].split(" ")[0])
            numbers.append(None)
        elif number and not line.startswith("-"):
            numbers.append(number if line.startswith("+") else None)
            number += 1
        else:
            numbers.append(None)
    return tuple(numbers)


class _Container(Directive):
    """Stands for any directive whose content is Markdown."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.unchanged}


class _CodeTab(CodeBlock):
    """`code-tab` of sphinx-tabs: a code block whose first argument is the language."""

    final_argument_whitespace = True


class Site:
    """The site's settings, read from its `conf.py`."""

    def __init__(self, docs: Path, root: Path) -> None:
        """Evaluate `conf.py` below `docs`; paths in messages are relative to `root`."""
        self.docs, self.root = docs.resolve(), root.resolve()
        conf = self.docs / "conf.py"
        self.settings = runpy.run_path(str(conf)) if conf.exists() else {}

    @cached_property
    def parser(self) -> Any:  # noqa: ANN401
        """MyST's Markdown parser, with the `myst_…` settings."""
        prefix = "myst_"
        known = MdParserConfig.__dataclass_fields__
        options = {k.removeprefix(prefix): v for k, v in self.settings.items()}
        options = {k: v for k, v in options.items() if prefix + k in self.settings and k in known}
        return create_md_parser(MdParserConfig(**options), RendererHTML)

    @property
    def default_language(self) -> str:
        """The language of a block that names none."""
        return self.settings.get("highlight_language", "default")

    def pages(self) -> list[Path]:
        """Return every page, sorted; folders that begin with `_` hold none."""
        return sorted(
            path
            for path in self.docs.rglob("*.md")
            if not any(part.startswith("_") for part in path.relative_to(self.docs).parts)
        )

    def page(self, path: Path) -> Page:
        """Read one page.

        Raises:
            PageError: for a mark that is unknown or above no block, or a file that cannot be included.

        """
        return _PageReader(self, path.resolve()).read()


class _PageReader:
    """Walks through the tokens of one page."""

    def __init__(self, site: Site, path: Path) -> None:
        self.site, self.path = site, path
        self.name = str(path.relative_to(site.root))
        self.blocks: list[Block] = []
        self.words: list[Words] = []
        self.page_marks: dict[str, str] = {}
        self.pending: dict[str, str] | None = None
        self.pending_line = 0
        self.heading = path.stem
        self.tabs: dict[str, list[Block]] = {}  # of the set being read
        self.source = path.read_text(encoding="utf-8").split("\n")

    def read(self) -> Page:
        self.walk("\n".join(self.source), 0)
        if self.pending is not None:
            self.fail(self.pending_line, "this mark is above no block")
        docname = self.path.relative_to(self.site.docs).with_suffix("").as_posix()
        return Page(self.path, docname, self.blocks, self.words, self.page_marks)

    def fail(self, line: int, message: str) -> None:
        raise PageError(self.name, line, message)

    def walk(self, text: str, offset: int) -> None:
        """Read Markdown that begins after line `offset` of the page."""
        heading = False
        for token in self.site.parser.parse(text):
            line = (token.map[0] if token.map else 0) + offset + 1
            if self.pending is not None and token.type in {"paragraph_open", "heading_open"}:
                self.fail(self.pending_line, "this mark must stand directly above its block")
            if token.type == "myst_line_comment":
                for number, comment in enumerate(token.content.splitlines()):
                    self.mark(comment.strip(), line + number)
            elif token.type in {"fence", "colon_fence"}:
                self.fence(token, line)
            elif token.type == "code_block":
                self.add(line, self.site.default_language, token.content, content_line=line)
            elif token.type == "html_block" and "<pre" in token.content:
                self.fail(line, "a <pre> in HTML cannot be verified: use a code fence")
            elif token.type == "inline":
                self.inline(token, line)
                if heading:
                    self.heading = "".join(c.content for c in token.children or ())
            heading = token.type == "heading_open"

    def inline(self, token: Token, line: int) -> None:
        for child in token.children or ():
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            elif child.type == "code_inline":
                self.words.append(Words(child.content, line))

    def mark(self, comment: str, line: int) -> None:
        """Read a comment `verify: …` or `verify page: …`."""
        head, colon, rest = comment.partition(":")
        if head.split() not in (["verify"], ["verify", "page"]) or not colon:
            if comment.startswith("verify"):
                self.fail(line, f"cannot read the mark {comment!r}: write `% verify: name=value`")
            return
        whole_page = head.split() == ["verify", "page"]
        known = PAGE_MARKS if whole_page else BLOCK_MARKS
        marks = {}
        for word in shlex.split(rest):
            name, _, value = word.partition("=")
            if name not in known:
                self.fail(
                    line, f"no mark is called {name!r}; there are: {', '.join(sorted(known))}"
                )
            if name == "download" and not set(value.split(",")) <= DOWNLOADS.keys():
                possible = ", ".join(sorted(DOWNLOADS))
                self.fail(line, f"the site does not offer {value!r}; it offers: {possible}")
            if name == "needs" and not all(map(needs.known, value.split(","))):
                possible = ", ".join([*needs.SERVICES, "django>=6.0", "python>=3.12"])
                self.fail(line, f"nothing provides {value!r}; a block can need {possible}")
            marks[name] = value
        if whole_page:
            self.page_marks |= marks
        elif self.pending is not None:
            self.fail(self.pending_line, "this mark is above no block")
        else:
            self.pending, self.pending_line = marks, line

    def fence(self, token: Token, line: int) -> None:
        """Read a fence: a block, or a directive that may hold blocks."""
        name, _, first_line = token.info.strip().partition(" ")
        indent = self.indent(line)
        if not (name.startswith("{") and name.endswith("}")):
            if token.type == "colon_fence":
                self.walk(token.content, line)
                return
            emphasis = str(token.attrs.get("emphasize-lines", ""))
            language = name or self.site.default_language
            self.add(line, language, token.content, emphasis, content_line=line + 1, indent=indent)
            return
        name = name[1:-1]
        if name == "eval-rst":
            self.fail(line, "eval-rst hides its blocks from the verifier: write MyST")
        if name in CODE or name in {"code-tab", "literalinclude"}:
            self.code(name, first_line, token.content, line, indent)
        elif name not in NO_BLOCKS:
            self.inline(self.site.parser.parseInline(first_line)[0], line)
            parsed = parse_directive_text(_Container, first_line, token.content)
            before, outer = len(self.blocks), self.tabs
            if name == "tabs":
                self.tabs = {}
            self.walk("\n".join(parsed.body), line + parsed.body_offset)
            if name == "group-tab":
                self.tabs[first_line.strip()] = self.blocks[before:]
            elif name == "tabs":
                self.check_tabs(line)
                self.tabs = outer

    def check_tabs(self, line: int) -> None:
        """Hold the tabs of frameworks against each other: no step may be missing in one of them."""
        if not set(self.tabs) & set(FRAMEWORKS):
            return
        if tuple(self.tabs) != FRAMEWORKS:
            has, wanted = ", ".join(self.tabs), ", ".join(FRAMEWORKS)
            self.fail(
                line,
                f"the tabs are {has} and must be {wanted}; a question of one framework has its own page",
            )
        kinds = {name: {block.language for block in blocks} for name, blocks in self.tabs.items()}
        every = set.union(*kinds.values())
        for name, blocks in self.tabs.items():
            if lacking := ", ".join(sorted(every - kinds[name])):
                self.fail(line, f"the tab {name} lacks a step that another tab has: {lacking}")
            others = {other.lower() for other in FRAMEWORKS} - {name.lower()}
            for block in blocks:
                shown = str(block.include.path.relative_to(self.site.root)) if block.include else ""
                if wrong := [other for other in others if other in shown]:
                    self.fail(block.line, f"the tab {name} shows {shown}, which is {wrong[0]}'s")

    def code(self, name: str, first_line: str, content: str, line: int, indent: str) -> None:
        """Read a directive that is a block."""
        kind = {"code-tab": _CodeTab, "literalinclude": LiteralInclude}.get(name, CodeBlock)
        parsed = parse_directive_text(kind, first_line, content)
        if parsed.warnings:
            self.fail(line, f"{name}: {parsed.warnings[0].msg}")
        options = parsed.options
        about = {"caption": options.get("caption", ""), "indent": indent}
        emphasis = options.get("emphasize-lines", "")
        if name == "literalinclude":
            path = self.target(parsed.arguments[0])
            options |= {"diff": str(self.target(options["diff"]))} if "diff" in options else {}
            try:
                config: Any = SimpleNamespace(source_encoding="utf-8-sig")
                text, numbers = _Reader(path, options, config).resolved()
            except (OSError, ValueError) as exc:
                self.fail(line, f"literalinclude: {exc}")
            language = "udiff" if "diff" in options else options.get("language")
            language = language or self.site.default_language
            self.add(line, language, text, emphasis, include=Include(path, numbers), **about)
            return
        language = (
            parsed.arguments[0].split()[0] if parsed.arguments else ""
        ) or self.site.default_language
        text = "\n".join(parsed.body)
        self.add(
            line, language, text, emphasis, content_line=line + 1 + parsed.body_offset, **about
        )

    def target(self, argument: str) -> Path:
        """Resolve a path as Sphinx does: from the page, or from `docs/` when it begins with /."""
        if argument.startswith("/"):
            return (self.site.docs / argument[1:]).resolve()
        return (self.path.parent / argument).resolve()

    def indent(self, line: int) -> str:
        text = self.source[line - 1] if line <= len(self.source) else ""
        return text[: len(text) - len(text.lstrip())]

    def add(self, line: int, language: str, text: str, emphasis: str = "", **about: Any) -> None:  # noqa: ANN401
        """Add a block, with the mark that stands above it."""
        text = text.rstrip("\n")
        if text.startswith("\n"):
            self.fail(line, "the block begins with an empty line: begin the region one line later")
        shown = text.split("\n")
        emphasized: tuple[int, ...] = ()
        if emphasis:
            emphasized = tuple(i + 1 for i in parse_line_num_spec(emphasis, len(shown)))
        block = Block(
            self.name, line, language, text, self.heading, len(self.blocks) + 1,
            self.pending or {}, emphasized=emphasized, **about,
        )  # fmt: skip
        for number in emphasized:
            if number > len(shown) or not shown[number - 1].strip():
                what = "past the end" if number > len(shown) else "blank"
                self.fail(line, f"highlighted line {number} is {what}: correct emphasize-lines")
        self.pending = None
        self.blocks.append(block)

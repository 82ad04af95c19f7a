"""Tables that nobody types: the settings from the installed Celery, the rest from files that programs have written.

- `{settings}`: one item `- name: what it does` for each setting. Its default comes from Celery.
- `{measured} NAME`: the table of `examples/reference/data/NAME.json`, which `python -m survey.NAME` writes, or of
  `docs/_data/NAME.json`; `:part:` names one of several. Items, as above, add a column whose name is `:column:`; each row needs one.
- `{rules}`: the rules of the checker, with links to their sections.

All make a Markdown table, which MyST reads like one on the page.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from celery.app.defaults import DEFAULTS
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.report import page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).parents[2]
DATA = (ROOT / "examples" / "reference" / "data", ROOT / "docs" / "_data")
ITEM = re.compile(r"- (?P<name>[a-z_ ]+): (?P<text>.+)", re.DOTALL)


def items_of(lines: Iterable[str]) -> dict[str, str]:
    """Return what each item says, by its name.

    Raises:
        ValueError: for an item that is not `- name: text`.

    """
    items: dict[str, str] = {}
    for item in re.split(r"\n(?=- )", "\n".join(lines).strip()):
        found = ITEM.fullmatch(item)
        if found is None:
            raise ValueError(f"write `- name: what it does`, not {item!r}")
        items[found["name"]] = " ".join(found["text"].split())
    return items


def settings_of(lines: Iterable[str]) -> dict[str, str]:
    """Return what each item says, by the name of its setting.

    Raises:
        ValueError: for an item that is not `- name: text`, or whose setting Celery does not have.

    """
    items = items_of(lines)
    if unknown := sorted(items.keys() - DEFAULTS.keys()):
        raise ValueError(f"Celery has no setting {', '.join(map(repr, unknown))}")
    return items


def with_column(
    part: dict[str, list[Any]], name: str, items: dict[str, str]
) -> dict[str, list[Any]]:
    """Return a table with a last column from the items.

    Raises:
        ValueError: if a row has no item, or an item no row.

    """
    rows = {row[0].strip("`"): row for row in part["rows"]}
    if different := sorted(rows.keys() ^ items.keys()):
        raise ValueError(f"only in the page or only in the data: {', '.join(different)}")
    texts = [[*row, items[key]] for key, row in rows.items()]
    return {"head": [*part["head"], name], "rows": texts}


def default_of(name: str) -> str:
    """Return the default of a setting, as a reader would write it."""
    value = DEFAULTS[name]
    if isinstance(value, timedelta) and not value % timedelta(days=1):
        return f"{value.days} day" + ("s" if value.days > 1 else "")
    return f"`{value!r}`"


def settings_table(items: dict[str, str]) -> list[str]:
    """Return the Markdown of a table of settings: the name, also in Django's spelling, the default, what it does."""
    rows = []
    for name, text in items.items():
        spellings = f"[`{name}`](inv:celery:std:setting#{name}) `CELERY_{name.upper()}`"
        rows.append([spellings, default_of(name), text])
    return markdown_table(["Setting", "Default", "What it does"], rows)


def markdown_table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    cells = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in cells]


class TableDirective(SphinxDirective):
    """Let MyST read a table, and name its kind for the style sheet."""

    def table(self, lines: list[str]) -> list[nodes.Node]:
        """Return the nodes of a Markdown table."""
        found = self.parse_text_to_nodes("\n".join(lines))
        for node in found:
            if isinstance(node, nodes.table):
                node["classes"].append(f"{self.name}-table")
        return found


class SettingsDirective(TableDirective):
    """`{settings}`."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make the table, or say which item is wrong."""
        self.assert_has_content()
        try:
            items = settings_of(self.content)
        except ValueError as exc:
            raise self.error(str(exc)) from None
        return self.table(settings_table(items))


class MeasuredDirective(TableDirective):
    """`{measured} NAME`; with `:part:`, one of the tables of the file."""

    has_content = True
    required_arguments = 1
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {
        "column": directives.unchanged_required,
        "part": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Make the table, and a line that says with what it was measured."""
        paths = [folder / f"{self.arguments[0]}.json" for folder in DATA]
        found = [path for path in paths if path.exists()]
        if not found:
            raise self.error(f"no program has written {self.arguments[0]}.json")
        path = found[0]
        self.env.note_dependency(str(path))
        data = json.loads(path.read_text(encoding="utf-8"))
        part = data["tables"][self.options.get("part", "all")]
        if self.content:
            try:
                part = with_column(part, self.options["column"], items_of(self.content))
            except ValueError as exc:
                raise self.error(str(exc)) from None
        versions = ", ".join(
            f"{name} {number}" for name, number in data.get("about", data)["versions"].items()
        )
        made = nodes.paragraph("", f"Measured with {versions}.", classes=["measured-with"])
        return [*self.table(markdown_table(part["head"], part["rows"])), made]


class RulesDirective(TableDirective):
    """`{rules}`."""

    def run(self) -> list[nodes.Node]:
        """Make the table of all rules, by their codes."""
        load_rules()
        rows = []
        for code, rule in sorted(RULES.items()):
            page, _, anchor = page_of(rule).partition("#")
            rows.append([f"[{code}](/{page}.md#{anchor})", rule.severity, rule.summary])
        for path in (ROOT / "checkup").rglob("*.py"):
            self.env.note_dependency(str(path))
        return self.table(markdown_table(["Code", "Severity", "What it finds"], rows))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("settings", SettingsDirective)
    app.add_directive("measured", MeasuredDirective)
    app.add_directive("rules", RulesDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""`{chart}` and `{chart-value}`: what was measured, drawn and quoted from `docs/_data/*.json` while the site is built.

    ```{chart} bench/pools
    ```

draws the chart `pools` of `docs/_data/bench.json`, and the same numbers as a table. In a sentence,

    {chart-value}`bench/pools redis-threads`                 says its value with its unit:   1,040 tasks/s
    {chart-value}`bench/pools redis-threads ratio`           how it compares with its base:  1
    {chart-value}`bench/pools redis-solo / redis-threads`    how two rows compare:           1.1
    {chart-value}`bench/pools redis-solo memory (MB)`        a number beside its value:      44.1

so that no number on a page is typed. A data file is

    {
      "about": {"date": "2026-11-21", "cores": 2, "versions": {"Celery": "5.7.0"}},
      "charts": {
        "pools": {
          "title": "Tasks per second by pool",
          "unit": "tasks/s",                       # said in the title and the table
          "better": "more",                        # or "less", or left out
          "note": "Median of 3 rounds.",           # optional; below the chart
          "rows": [
            {"name": "redis-threads", "group": "Redis", "label": "threads", "value": 1043.2,
             "low": 990.1, "high": 1101.9, "ratio": 1.02, "n": 3000, "rounds": 3}
          ]
        },
        "kills": {
          "title": "What became of 1,000 tasks",
          "unit": "tasks",
          "series": ["done once", "done twice", "waiting", "lost"],
          "rows": [{"name": "default", "label": "default", "parts": {"done once": 992, "lost": 8}}]
        }
      }
    }

- A row has a `value`, or `parts`: amounts by the names in `series`, stacked. A row with one part tells kinds of rows
  apart, such as the naive and the recommended ones. Each of the series has a colour and a pattern.
- Rows with the same `group` stand together; `group`, `low`, `high`, `ratio`, `n` and `rounds` are optional.
- `"also": {"p99 (ms)": 60.2}` are more columns of the table.
- `"text": "no answer in 25 s"` stands for the number of a row, whose bar is then left open at its end.
- Whole numbers are counts and written as they are; others have three significant digits, ratios two.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from functools import partial
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata
    from sphinx.writers.html5 import HTML5Translator

FOLDER = "_data"  # of the pages
SERIES = 5  # patterns that charts.css has
LINE = 52  # characters side by side on a phone
# Pixels, from the top of a row.
HEADING, LABEL, BAR, PARTS, GAP = 30, 19, 13, 18, 11
SMALLEST = 0.7  # percent: a part that is not nothing can be seen
Row = dict[str, Any]
Chart = dict[str, Any]


class DataError(Exception):
    """The data file does not have what a page asks for; the message says what."""


class ChartNode(nodes.General, nodes.Element):
    """A chart with its data."""


def read(docs: Path, reference: str) -> tuple[Path, Chart, dict[str, Any]]:
    """Return the file, the chart and what the file says of its run, for `file/chart`.

    Raises:
        DataError: if there is no such file or chart, or the chart is not well formed.

    """
    file, _, name = reference.partition("/")
    path = docs / FOLDER / f"{file}.json"
    if not path.exists():
        raise DataError(f"there is no {FOLDER}/{file}.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    if name not in data["charts"]:
        raise DataError(f"{path.name} has no chart {name!r}, only {', '.join(data['charts'])}")
    chart = data["charts"][name]
    if wrong := "; ".join(faults(chart)):
        raise DataError(f"{reference}: {wrong}")
    return path, chart, data["about"]


def faults(chart: Chart) -> Iterable[str]:
    """Say what is wrong with a chart."""
    for key in ("title", "unit", "rows"):
        if not chart.get(key):
            yield f"no {key}"
    series = chart.get("series", [])
    if len(series) > SERIES:
        yield f"more than {SERIES} series"
    names = [row.get("name") for row in chart.get("rows", [])]
    if len(set(names)) != len(names) or None in names:
        yield "a row without a name of its own"
    for row in chart.get("rows", []):
        if ("value" in row) == ("parts" in row):
            yield f"{row.get('name')}: either value or parts"
        elif unknown := set(row.get("parts", ())) - set(series):
            yield f"{row['name']}: not in series: {', '.join(sorted(unknown))}"
        else:
            below = [row["label"], amount(row)]
            line = max(below, key=len) if is_stack(row) else " ".join(below)
            if len(line) > LINE:
                yield f"{row['name']}: {len(line)} characters do not fit on a phone"


def is_stack(row: Row) -> bool:
    """Say whether a row's bar has several parts."""
    return len(row.get("parts", ())) > 1


def total(row: Row) -> float:
    """Return how long a row's bar is, in the unit of the chart."""
    return sum(row["parts"].values()) if "parts" in row else row["value"]


def number(value: float, digits: int = 3) -> str:
    """Write a number: a count as it is, a measurement with so many significant digits."""
    if isinstance(value, int) or value == 0:
        return f"{value:,}"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):,.{max(0, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(row: Row) -> str:
    """Write what stands beside a bar, or below a stack."""
    if is_stack(row):
        return " · ".join(f"{name} {number(value)}" for name, value in row["parts"].items())
    text = str(row.get("text") or number(total(row)))
    return f"{text} · {number(float(row['ratio']), 2)}\u00d7" if "ratio" in row else text


def quote(chart: Chart, words: list[str]) -> str:
    """Return what `{chart-value}` says for the words after `file/chart`.

    Raises:
        DataError: if there is no such row, or the words make no sense.

    """
    rows = {row["name"]: row for row in chart["rows"]}
    asked = [word for index, word in enumerate(words) if index == 0 or words[index - 1] == "/"]
    if missing := [name for name in asked if name not in rows]:
        raise DataError(f"no row {missing[0]!r}, only {', '.join(rows)}")
    match words:
        case [name]:
            row = rows[name]
            return str(row.get("text") or f"{number(total(row))} {chart['unit']}")
        case [name, "ratio"] if "ratio" in rows[name]:
            return number(float(rows[name]["ratio"]), 2)
        case [name, "/", base] if not {"text"} & (rows[name].keys() | rows[base].keys()):
            return number(float(total(rows[name]) / total(rows[base])), 2)
        case [name, *column] if " ".join(column) in rows[name].get("also", ()):
            return number(rows[name]["also"][" ".join(column)])
    raise DataError(f"cannot say {' '.join(words)!r}")


class ChartDirective(SphinxDirective):
    """`{chart}`, with `file/chart`."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Callable[[str], Any]]] = {}

    def run(self) -> list[nodes.Node]:
        """Return the chart; the page is read again when the data file changes."""
        reference = self.arguments[0]
        try:
            path, chart, about = read(Path(self.env.srcdir), reference)
        except DataError as exc:
            raise self.error(str(exc)) from None
        self.env.note_dependency(str(path))
        return [ChartNode(key=reference.replace("/", "-"), chart=chart, about=about)]


class ChartValueRole(SphinxRole):
    """`{chart-value}`, with `file/chart row`, `file/chart row ratio` or `file/chart row / row`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the text."""
        reference, *words = self.text.split()
        try:
            path, chart, _ = read(Path(self.env.srcdir), reference)
            text = quote(chart, words)
        except DataError as exc:
            return [], [self.inliner.reporter.error(str(exc), line=self.lineno)]
        self.env.note_dependency(str(path))
        return [nodes.Text(text)], []


def svg(chart: Chart, key: str) -> str:
    """Draw the bars: as wide as the page, with labels above, so that nothing shrinks on a phone."""
    longest = max(max(total(row), row.get("high", 0)) for row in chart["rows"]) or 1
    series = chart.get("series", [])
    drawn: list[str] = []
    top = 0
    for group, rows in groupby(chart["rows"], lambda row: row.get("group", "")):
        if group:
            drawn.append(f'<text class="chart-group" y="{top + 17}">{escape(group)}</text>')
            top += HEADING
        for row in rows:
            drawn += bar(row, top, longest, series, key)
            top += LABEL + BAR + GAP + (PARTS if is_stack(row) else 0)
    patterns = "".join(
        f'<pattern id="{key}-{index}" class="chart-color-{index}" width="6" height="6" '
        f'patternUnits="userSpaceOnUse"><rect width="6" height="6"/><path d="{PATTERNS[index]}"/></pattern>'
        for index in range(1, max(1, len(series)))
    )
    said = "; ".join(
        f"{row.get('group', '')} {row['label']}: {amount(row)}".strip() for row in chart["rows"]
    )
    return (
        f'<svg role="img" aria-labelledby="{key}-title {key}-desc" width="100%" height="{top}">'
        f'<title id="{key}-title">{escape(heading(chart))}</title>'
        f'<desc id="{key}-desc">{escape(said)}</desc>'
        f"{f'<defs>{patterns}</defs>' if patterns else ''}{''.join(drawn)}</svg>\n"
    )


# What tells series apart without colour: the first is plain.
PATTERNS = (
    "",
    "M-1 1 1-1M0 6 6 0M5 7 7 5",  # stripes
    "M0 3h6",  # lines
    "M0 0 6 6M6 0 0 6",  # crosses
    "M3 0v6",  # upright lines
)


def bar(row: Row, top: int, longest: float, series: list[str], key: str) -> Iterable[str]:
    """Draw a row."""
    open_end = "text" in row
    parts = row.get("parts") or {"": row["value"]}
    side = "" if is_stack(row) else amount(row)
    yield f'<text y="{top + 13}">{escape(row["label"])}</text>'
    yield f'<text class="chart-amount" x="100%" y="{top + 13}">{escape(side)}</text>'
    left = 0.0
    for name, value in parts.items():
        index = series.index(name) if name else 0
        if not value and not open_end:
            continue
        width = 100.0 if open_end else max(SMALLEST, 100 * value / longest)
        width = min(width, 100 - left)
        fill = f' fill="url(#{key}-{index})"' if index else ""
        name_of_end = " chart-open" if open_end else ""
        yield (
            f'<rect class="chart-color-{index}{name_of_end}" x="{left:.2f}%" y="{top + LABEL}" '
            f'width="{width:.2f}%" height="{BAR}"{fill}/>'
        )
        left += width
    if "low" in row and "high" in row and row["low"] != row["high"] and not open_end:
        low, high = (100 * row[end] / longest for end in ("low", "high"))
        below = top + LABEL + BAR + 4
        yield f'<line class="chart-range" x1="{low:.2f}%" x2="{high:.2f}%" y1="{below}" y2="{below}"/>'
        for end in (low, high):
            yield (
                f'<line class="chart-range" x1="{end:.2f}%" x2="{end:.2f}%" '
                f'y1="{below - 2}" y2="{below + 2}"/>'
            )
    if is_stack(row):
        below = top + LABEL + BAR + 14
        yield f'<text class="chart-parts" y="{below}">{escape(amount(row))}</text>'


def heading(chart: Chart) -> str:
    """Say what the chart shows, in which unit, and which end is the good one."""
    better = f"; {chart['better']} is better" if chart.get("better") else ""
    return f"{chart['title']} ({chart['unit']}{better})"


def legend(chart: Chart, key: str) -> str:
    """Name the series beside their patterns."""
    if not chart.get("series"):
        return ""
    used = {name for row in chart["rows"] for name in row.get("parts", ())}
    entries = []
    for index, name in enumerate(chart["series"]):
        if name in used:
            fill = f' fill="url(#{key}-{index})"' if index else ""
            swatch = f'<rect class="chart-color-{index}" width="14" height="14"{fill}/>'
            drawn = f'<svg aria-hidden="true" width="14" height="14">{swatch}</svg>'
            entries.append(f"<li>{drawn} {escape(name)}</li>")
    return f'<ul class="chart-key">{"".join(entries)}</ul>\n'


def table(chart: Chart) -> str:
    """Write the same numbers as a table."""
    rows, unit = chart["rows"], chart["unit"]
    stacked = any(map(is_stack, rows))
    columns: list[tuple[str, Callable[[Row], str]]] = [(unit, plain)]
    if stacked:
        columns = [(name, partial(part, name)) for name in chart["series"]]
    if any("low" in row for row in rows):
        columns.append(("range", ends))
    others = dict.fromkeys(name for row in rows for name in row.get("also", ()))
    columns += [(name, partial(beside, name)) for name in others]
    for name in ("ratio", "n", "rounds"):
        if any(name in row for row in rows):
            columns.append((name, partial(given, name)))
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name, _ in columns)
    lines = []
    for row in rows:
        kind = "" if stacked else next(iter(row.get("parts", ("",))))
        words = [row.get("group", ""), row["label"], kind]
        label = ", ".join(word for word in words if word)
        cells = "".join(f"<td>{escape(cell(row))}</td>" for _, cell in columns)
        lines.append(f'<tr><th scope="row">{escape(label)}</th>{cells}</tr>')
    return (
        f'<div class="table-wrapper"><table class="docutils"><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>\n"
    )


def plain(row: Row) -> str:
    """Write the number of a row."""
    return str(row.get("text") or number(total(row)))


def part(name: str, row: Row) -> str:
    """Write how much of a row is of one of the series."""
    return number(row.get("parts", {}).get(name, 0))


def beside(name: str, row: Row) -> str:
    """Write a number that only the table has."""
    return number(row["also"][name]) if name in row.get("also", ()) else ""


def ends(row: Row) -> str:
    """Write the range of a row."""
    return f"{number(row['low'])} to {number(row['high'])}" if "low" in row else ""


def given(name: str, row: Row) -> str:
    """Write a number that a row may not have."""
    if name not in row:
        return ""
    return number(float(row[name]), 2) if name == "ratio" else number(row[name])


def run_of(about: dict[str, Any]) -> str:
    """Say on what the numbers were taken."""
    versions = [f"{name} {version}" for name, version in about.get("versions", {}).items()]
    cores = [f"{about['cores']} cores"] if "cores" in about else []
    return ", ".join([*cores, *versions])


def visit_chart(translator: HTML5Translator, node: ChartNode) -> None:
    """Write the figure."""
    chart, key = node["chart"], node["key"]
    note = " ".join(filter(None, (chart.get("note"), f"Measured {node['about']['date']}.")))
    translator.body.append(
        f'<figure class="chart">\n<figcaption>{escape(heading(chart))}</figcaption>\n'
        f"{legend(chart, key)}{svg(chart, key)}"
        f'<p class="chart-note">{escape(note)}</p>\n'
        f"<details><summary>The same as a table</summary>\n{table(chart)}"
        f"<p>{escape(run_of(node['about']))}</p>\n</details>\n</figure>\n"
    )
    raise nodes.SkipNode


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive, the role and their style."""
    app.add_node(ChartNode, html=(visit_chart, None))
    app.add_directive("chart", ChartDirective)
    app.add_role("chart-value", ChartValueRole())
    app.add_css_file("charts.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}

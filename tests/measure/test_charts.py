"""Charts: what the data may be, what is drawn, and what a sentence may quote."""

from __future__ import annotations

import copy
import io
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "_ext"))

import charts

PLAIN = {
    "title": "Tasks by pool <b>",
    "unit": "tasks/s",
    "better": "more",
    "note": "Median of 3 rounds.",
    "rows": [
        {"name": "a", "group": "Redis", "label": "solo", "value": 1043.2, "low": 900.0, "high": 1200.0, "ratio": 1.0, "n": 3000, "also": {"p99 (ms)": 7.25}},
        {"name": "b", "group": "Redis", "label": "threads", "value": 521.6, "ratio": 0.5},
        {"name": "c", "group": "RabbitMQ", "label": "solo", "value": 5.0, "text": "more than 5"},
    ],
}  # fmt: skip
STACKS = {
    "title": "What became of 1,000 tasks",
    "unit": "tasks",
    "series": ["done once", "done twice", "lost"],
    "rows": [
        {"name": "x", "label": "default", "parts": {"done once": 1992, "done twice": 0, "lost": 8}},
        {"name": "y", "label": "acks_late", "parts": {"done once": 2000}},
    ],
}
ABOUT = {"date": "2026-11-21", "cores": 2, "versions": {"Celery": "5.7.0"}}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (12345, "12,345"), (1043.2, "1,040"), (99.96, "100"), (4.0, "4"), (0.8234, "0.823")],
)
def test_numbers(value: float, text: str) -> None:
    assert charts.number(value) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("a", "1,040 tasks/s"),
        ("b ratio", "0.5"),
        ("a / b", "2"),
        ("c", "more than 5"),
        ("a p99 (ms)", "7.25"),
    ],
)
def test_what_a_sentence_says(words: str, text: str) -> None:
    assert charts.quote(PLAIN, words.split()) == text


@pytest.mark.parametrize("words", ["z", "c ratio", "a / c", "a / z", "a b", "b p99 (ms)", ""])
def test_what_a_sentence_cannot_say(words: str) -> None:
    with pytest.raises(charts.DataError):
        charts.quote(PLAIN, words.split())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda chart: chart.pop("title"), "no title"),
        (lambda chart: chart["rows"][0].update(name="y"), "a row without a name of its own"),
        (lambda chart: chart["rows"][0].update(value=1), "x: either value or parts"),
        (lambda chart: chart["rows"][0]["parts"].update(found=1), "x: not in series: found"),
        (lambda chart: chart["rows"][1].update(label="m" * 60), "do not fit on a phone"),
    ],
)
def test_faults(change: Callable[[Any], object], fault: str) -> None:
    chart = copy.deepcopy(STACKS)
    assert not list(charts.faults(chart))
    change(chart)
    assert fault in "; ".join(charts.faults(chart))


def drawn(chart: dict[str, Any]) -> ET.Element:
    return ET.fromstring(charts.svg(chart, "k"))


def widths(chart: dict[str, Any]) -> list[float]:
    """Return the widths of the bars in percent."""
    return [
        float(rect.attrib["width"].removesuffix("%"))
        for rect in drawn(chart).findall("rect")
        if rect.attrib["class"].startswith("chart-color")
    ]


def test_bars_have_the_lengths_of_their_values() -> None:
    first, second, open_end = widths(PLAIN)
    assert first == pytest.approx(100 * 1043.2 / 1200, abs=0.01)
    assert second == pytest.approx(first / 2, abs=0.01)
    assert open_end == 100


def test_stacks() -> None:
    once, lost, whole = widths(STACKS)
    assert whole == 100
    assert once == pytest.approx(99.6)
    assert lost == pytest.approx(0.4)  # where nothing is left of the line, it is not made visible
    texts = [text.text for text in drawn(STACKS).iter("text")]
    assert "done once 1,992 · done twice 0 · lost 8" in texts


def test_a_drawing_says_what_it_shows() -> None:
    svg = drawn(PLAIN)
    assert svg.attrib["role"] == "img"
    named = {node.attrib["id"]: node.text for node in svg if node.tag in {"title", "desc"}}
    assert named[svg.attrib["aria-labelledby"].split()[0]] == (
        "Tasks by pool <b> (tasks/s; more is better)"
    )
    assert "Redis threads: 522 · 0.5\u00d7" in str(named["k-desc"])


def test_each_pattern_that_is_used_is_there() -> None:
    text = charts.svg(STACKS, "k")
    assert set(re.findall(r"url\(#([\w-]+)\)", text)) <= set(re.findall(r'id="([\w-]+)"', text))


def build(place: Path, page: str) -> tuple[str, str]:
    """Build a site of one page; return its HTML and the warnings."""
    docs = place / "docs"
    (docs / "_data").mkdir(parents=True)
    data = {"about": ABOUT, "charts": {"plain": PLAIN, "stacks": STACKS}}
    (docs / "_data" / "test.json").write_text(json.dumps(data))
    (docs / "conf.py").write_text("extensions = ['myst_parser', 'charts']\nhtml_theme = 'basic'\n")
    (docs / "index.md").write_text(f"# A page\n\n{page}\n")
    warning = io.StringIO()
    app = Sphinx(
        docs, docs, place / "out", place / "tree", "html", status=None, warning=warning
    )  # fmt: skip
    app.build()
    return (place / "out" / "index.html").read_text(), warning.getvalue()


@pytest.mark.filterwarnings("ignore")
def test_a_page(tmp_path: Path) -> None:
    html, warnings = build(
        tmp_path,
        "It is {chart-value}`test/plain a`, {chart-value}`test/plain a / b` times as much.\n\n"
        "```{chart} test/plain\n```\n\n```{chart} test/stacks\n```",
    )
    assert not warnings
    assert "It is 1,040 tasks/s, 2 times as much." in html
    assert "Tasks by pool &lt;b&gt;" in html
    assert "Median of 3 rounds. Measured 2026-11-21." in html
    assert "<p>2 cores, Celery 5.7.0</p>" in html
    assert (
        '<th scope="row">Redis, solo</th><td>1,040</td><td>900 to 1,200</td><td>7.25</td><td>1</td>'
        in html
    )
    assert '<th scope="row">default</th><td>1,992</td><td>0</td><td>8</td>' in html


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("```{chart} test/none\n```", "test.json has no chart 'none', only plain, stacks"),
        ("```{chart} other/none\n```", "there is no _data/other.json"),
        ("{chart-value}`test/plain z`", "no row 'z', only a, b, c"),
    ],
)
def test_a_page_that_asks_for_what_is_not_there(tmp_path: Path, page: str, message: str) -> None:
    assert message in build(tmp_path, page)[1]

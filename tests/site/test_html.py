"""What the HTML files say, without a browser."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from pathlib import Path

EMBEDS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("use", "href")}
NOT_LOADED = {"canonical", "next", "prev", "author", "license"}  # of <link rel>


@dataclass
class Html(HTMLParser):
    """The ids, links and loaded addresses of one file."""

    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text_links: list[str] = field(default_factory=list)  # those of the text, without menus
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the parser."""
        super().__init__()
        self.articles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag has."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            self.text_links += [given["href"]] * (self.articles > 0)
        self.articles += tag == "article"
        for name, value in given.items():
            if (tag, name) in EMBEDS and given.get("rel") not in NOT_LOADED:
                self.loaded.append(value)

    def handle_endtag(self, tag: str) -> None:
        """Note where the text ends."""
        self.articles -= tag == "article"


@cache
def read(path: Path) -> Html:
    """Read one file."""
    html = Html()
    html.feed(path.read_text(encoding="utf-8"))
    return html


def target(site: Path, page: Path, link: str) -> tuple[Path, str]:
    """Return the file and the fragment that a link means."""
    parts = urlsplit(link)
    path = unquote(parts.path)
    if not path:
        return page, unquote(parts.fragment)
    file = site / path.lstrip("/") if path.startswith("/") else page.parent / path
    if file.is_dir():
        file /= "index.html"
    return file.resolve(), unquote(parts.fragment)


def test_links_and_anchors_lead_somewhere(site: Path, address: str) -> None:
    """Each link inside of the site has a file and, if it names one, an anchor."""
    page = (site / address).resolve()
    broken = []
    for link in read(page).links + read(page).loaded:
        if urlsplit(link).scheme in {"http", "https", "data"}:
            continue
        file, fragment = target(site, page, link)
        if not file.exists() or (
            file.suffix == ".html" and fragment and fragment not in read(file).ids
        ):
            broken.append(link)
    assert broken == []


def test_links_to_others_are_encrypted(site: Path, address: str) -> None:
    """No link leads to another site by plain HTTP, or to this machine."""
    links = [link for link in read(site / address).links if urlsplit(link).scheme]
    assert [link for link in links if not link.startswith("https://")] == []


def test_nothing_is_loaded_from_others(site: Path, address: str) -> None:
    """Scripts, styles and images are files of the site."""
    assert [link for link in read(site / address).loaded if urlsplit(link).netloc] == []


def test_ids_are_unique(site: Path, address: str) -> None:
    """No id is given twice."""
    assert [name for name, count in Counter(read(site / address).ids).items() if count > 1] == []

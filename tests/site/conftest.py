"""The built site on a loopback server, and a Chromium that may talk to nobody else."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Route, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import ConsoleMessage, Page, Response

ROOT = Path(__file__).parents[2]
NO_CHROMIUM = """These tests need Chromium, and none could be started.
Install it with one of
    sudo apt-get install chromium
    python3 -m playwright install chromium
or name it: CHROMIUM=/path/to/chromium
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of these tests."""
    group = parser.getgroup("site")
    group.addoption("--site", type=Path, default=ROOT / "build" / "site", help="the built site")
    group.addoption(
        "--screenshot",
        action="store_true",
        help="take the pictures of the README and of the pages anew",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `address` once for each page."""
    if "address" in metafunc.fixturenames:
        site = metafunc.config.getoption("--site")
        if not (site / "index.html").exists():
            message = f"{site} has no index.html: build the site first, with `nox -s docs`"
            raise pytest.UsageError(message)
        pages = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
        metafunc.parametrize("address", pages, scope="module")


@pytest.fixture(scope="session")
def site(pytestconfig: pytest.Config) -> Path:
    """Return the folder of the built site."""
    folder: Path = pytestconfig.getoption("--site")
    if not (folder / "index.html").exists():
        pytest.fail(f"{folder} has no index.html: build the site first, with `nox -s docs`")
    return folder


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the output of pytest readable."""


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free loopback port; give its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def base(site: Path) -> Iterator[str]:
    """Serve the built site."""
    with serve(site) as address:
        yield address


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the pages of the tests, with the settings of the site and without a record."""
    target = tmp_path_factory.mktemp("pages") / "out"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "sphinx", "-q", "-n", "-W", "--keep-going"),
            *("-D", f"verdicts_record={target}.json"),
            *("-c", str(ROOT / "docs"), str(Path(__file__).parent / "pages"), str(target)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return target


@pytest.fixture(scope="session")
def built(build: Path) -> Iterator[str]:
    """Serve the pages of the tests."""
    with serve(build) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if name and (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(
                executable_path=found,
                args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
            )
        except Error as error:
            pytest.fail(f"{NO_CHROMIUM}\n{error}", pytrace=False)
        yield chromium
        chromium.close()


class Visit:
    """A browser context that notes what goes wrong."""

    def __init__(self, context: BrowserContext) -> None:
        """Watch all pages of a context."""
        self.context = context
        self.problems: list[str] = []
        self.requests: list[str] = []
        context.route("**/*", self._guard)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"error: {error.error}"))
        context.on("response", self._response)

    def _guard(self, route: Route) -> None:
        address = route.request.url
        if address.startswith("http://127.0.0.1:"):
            self.requests.append(address)
            route.continue_()
        else:
            self.problems.append(f"request to somebody else: {address}")
            route.abort()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Response) -> None:
        if not response.ok:
            self.problems.append(f"{response.status}: {response.url}")


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., tuple[Page, Visit]]]:
    """Open pages, each in a context of its own; fail if one of them had a problem."""
    visits = []

    def open_page(address: str, **options: object) -> tuple[Page, Visit]:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | options)
        context.set_default_timeout(10_000)
        watched = Visit(context)
        visits.append(watched)
        page = context.new_page()
        page.goto(address, wait_until="load")
        return page, watched

    yield open_page
    for watched in visits:
        watched.context.close()
    assert [problem for watched in visits for problem in watched.problems] == []

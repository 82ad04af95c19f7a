"""Everything that this project can do; `nox -l` lists it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "uv|virtualenv"  # uv is faster, where it is installed
nox.options.reuse_venv = "yes"
nox.options.sessions = ["docs", "doctest"]

ROOT = Path(__file__).parent
SITE = ROOT / "build" / "site"
OWN_TESTS = ("verify", "measure", "reference", "checkup", "templates")


def install(session: nox.Session, group: str) -> None:
    """Install one dependency group, held by constraints.txt; skip what is already there."""
    wanted = (ROOT / "constraints.txt").read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    digest = hashlib.sha256(wanted).hexdigest()
    stamp = Path(session.virtualenv.location) / f"{group}.sha256"
    if stamp.exists() and stamp.read_text() == digest:
        return
    packages = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), group)
    session.install("--constraint", "constraints.txt", *packages)
    stamp.write_text(digest)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site and say where to open it; `nox -s docs -- serve` rebuilds while you write."""
    if "serve" in session.posargs:
        install(session, "docs-watch")
        watched = [f"--watch={folder}" for folder in ("examples", "docs/_ext", "build/verify")]
        (ROOT / "build" / "verify").mkdir(parents=True, exist_ok=True)
        session.run("sphinx-autobuild", *watched, "--open-browser", "docs", str(SITE))
        return
    install(session, "docs")
    session.run("sphinx-build", "-n", "-W", "--keep-going", "-q", "-j", "auto", "docs", str(SITE))
    session.log(
        "Open %s, or serve it with search: python3 -m http.server --bind 127.0.0.1 -d %s 8000",
        SITE / "index.html",
        SITE,
    )


@nox.session
def doctest(session: nox.Session) -> None:
    """Run or check every block of every page; name a page to check only that one."""
    install(session, "doctest")
    session.run("pytest", *(session.posargs or ["docs"]))


@nox.session
def live(session: nox.Session) -> None:
    """Run the pages that need PostgreSQL, Redis or RabbitMQ, and the three shops, with these services."""
    install(session, "doctest")
    session.run("pytest", "--live", *(session.posargs or ["docs"]))
    if not session.posargs:
        session.run("pytest", "--live", "tests/contract")
        session.run("pytest", "--live", "tests/measure/test_bench.py", "-k", "stopped")
        session.run("python", "-m", "measure.drills", "--small")


@nox.session
def drills(session: nox.Session) -> None:
    """Kill workers, brokers and databases while tasks are done, and count; `-- --save` writes what the site shows."""
    install(session, "doctest")
    session.run("python", "-m", "measure.drills", *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """Ask the three shops the same over HTTP, in every lane; `-- --live` with PostgreSQL, Redis and RabbitMQ."""
    install(session, "doctest")
    session.run("pytest", "tests/contract", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Test the verifier, where each deliberately wrong page must fail, `measure`, `checkup` and the templates."""
    install(session, "doctest")
    session.run(
        "pytest",
        *(session.posargs or [f"tests/{name}" for name in OWN_TESTS]),
    )


@nox.session
def site(session: nox.Session) -> None:
    """Open the built site in Chromium: errors, accessibility, copy buttons, tabs, search."""
    install(session, "site")
    parallel = ["--numprocesses", "auto", "--dist", "worksteal"]
    session.run("pytest", *(session.posargs or [*parallel, "tests/site"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy", "--ignore-missing-imports", "checkup", "measure", "verify")


@nox.session
def mutate(session: nox.Session) -> None:
    """Break shown lines at random; at least 90 % must be noticed (`-- --count 50 docs/flask/testing.md`)."""
    install(session, "doctest")
    session.run("python", "tests/verify/mutate.py", *session.posargs)


@nox.session
def compare(session: nox.Session) -> None:
    """Time the verifier against plain exec, sybil and pytest-markdown-docs, on the same blocks."""
    install(session, "doctest")
    # pytest-markdown-docs needs an older Markdown parser than MyST, so it has an environment of its own.
    other = Path(session.virtualenv.location) / "other"
    packages = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "bench")
    session.run("python", "-m", "venv", str(other), silent=True)
    python = str(other / "bin" / "python")
    session.run(python, "-m", "pip", "install", "--quiet", *packages, external=True)
    session.run("python", "tests/verify/bench.py", python)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure how fast tasks are sent and done, on Redis and RabbitMQ; `-- --size full` writes what the site shows."""
    install(session, "doctest")
    session.run("python", "-m", "measure.bench", *session.posargs)


@nox.session
def constraints(session: nox.Session) -> None:
    """Resolve constraints.txt anew for Python 3.11 to 3.13, without index URLs."""
    session.install("uv")
    session.run(
        *["uv", "pip", "compile", "--universal", "--python-version", "3.11", "--upgrade"],
        *["--no-emit-index-url", "--no-header", "--no-annotate", "--output-file=constraints.txt"],
        *[f"--group={group}" for group in ("docs-watch", "site", "lint")],
    )

"""The pytest plugin: a page is a file, a block is a test.

`pytest docs` reads every page; `pytest docs/flask/app-factory.md` reads one.
"""

from __future__ import annotations

import datetime as dt
import importlib
import re
import signal
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from verify import record
from verify.blocks import Block, Page, PageError, Site
from verify.downloads import made_from
from verify.jobs import JobError, Jobs
from verify.ledger import Ledger
from verify.memory import keep, place_of, recall
from verify.names import unknown
from verify.needs import python_too_old, services_of, services_of_page
from verify.projects import LANES, project_of
from verify.rendered import differences, render
from verify.services import Missing, provide
from verify.verdicts import Context, Wrong, verdict_of
from verify.verdicts.covered import project_jobs
from verify.verdicts.found import example_of
from verify.warm import WARM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

EAGER_SETTINGS = pytest.StashKey[dict[str, Any]]()
STATE = pytest.StashKey["State"]()
LIVE = "live"
# Kinds of jobs; what mostly waits for other programs begins first.
ORDER = ("session", "fails", "project", "checkup", "rendered", "ran")


@dataclass
class State:
    """What one run of the verifier knows."""

    site: Site
    context: Context
    pages: dict[str, Page] = field(default_factory=dict)
    records: dict[str, dict[int, record.BlockRecord]] = field(default_factory=dict)
    bad: set[str] = field(default_factory=set)  # docnames with a failure
    whole: bool = False  # whether every page was asked for
    places: dict[tuple[str, ...], Path] = field(
        default_factory=dict
    )  # of results to remember, by job
    recalled: list[tuple[str, ...]] = field(default_factory=list)
    asked: set[tuple[str, str]] = field(default_factory=set)  # page and verdict: its jobs are known
    stack: ExitStack = field(default_factory=ExitStack)  # what the live lane has started

    def add_job(self, key: tuple[str, ...], function: Callable[[], Any], page: Page) -> None:
        """Queue a job, unless this is a run of single pages and the result is known."""
        if key in self.context.jobs:
            return
        place = place_of(key, page)
        live = self.context.services is not None
        anew = self.whole or live or self.context.config.option.cold
        known = None if anew else recall(place)
        if known:
            self.context.jobs.answers[key] = ("result", *known)
            self.recalled.append(key)
        elif place and not live:
            self.places[key] = place
        self.context.jobs.add(key, function)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say where the pages are, and how programs begin."""
    parser.addoption("--cold", action="store_true", help="start each program as itself (warm.py)")
    parser.addoption("--live", action="store_true", help="the pages that need services, with them")
    parser.addini("verify_docs", "folder of the pages", default="docs")
    parser.addini(
        "verify_record", "file for the record of a run", default="build/verify/record.json"
    )


def pytest_configure() -> None:
    """Have SIGTERM end a run as Ctrl+C does, so that it ends the programs that it has started."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def state_of(config: pytest.Config) -> State:
    """Return the state of this run, made on first use."""
    if STATE not in config.stash:
        docs = config.rootpath / config.getini("verify_docs")
        jobs, ledger = Jobs(cold=config.option.cold), Ledger(docs / "ledger.toml")
        context = Context(config.rootpath, jobs, config, config.stash[EAGER_SETTINGS], ledger)
        config.stash[STATE] = State(Site(docs, config.rootpath), context)
    return config.stash[STATE]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect pages, and `conf.py` for what concerns the whole site."""
    docs = parent.config.rootpath / parent.config.getini("verify_docs")
    if not file_path.is_relative_to(docs):
        return None
    if file_path == docs / "conf.py":
        return WholeSite.from_parent(parent, path=file_path)
    parts = file_path.relative_to(docs).parts
    if file_path.suffix == ".md" and not any(part.startswith("_") for part in parts):
        return PageFile.from_parent(parent, path=file_path)
    return None


class PageFile(pytest.File):
    """A page."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make a test for each block, and one for the names in the prose."""
        state = state_of(self.config)
        try:
            page = state.site.page(self.path)
        except PageError as exc:
            raise self.CollectError(str(exc)) from None
        state.pages[page.docname] = page
        yield ProseItem.from_parent(self, name="names in the prose", page=page)
        taken: dict[str, int] = {}
        for block in page.blocks:
            heading = re.sub(r"[^a-z0-9]+", "-", block.heading.lower()).strip("-")
            name = f"{heading}.{block.language}"
            taken[name] = taken.get(name, 0) + 1
            number = f".{taken[name]}" if taken[name] > 1 else ""
            yield BlockItem.from_parent(self, name=name + number, page=page, block=block)


class VerifyItem(pytest.Item):
    """A test of the verifier."""

    def add_jobs(self) -> None:
        """Queue the work that this test waits for."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:  # noqa: ANN401
        """Show a message for writers, or the traceback of a fault in the verifier."""
        if isinstance(excinfo.value, Wrong | JobError | PageError):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo, style))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Say what is tested."""
        return self.path, None, self.name


class ProseItem(VerifyItem):
    """The settings and options that a page names exist."""

    def __init__(self, *, page: Page, **kwargs: Any) -> None:  # noqa: ANN401
        """Remember the page."""
        super().__init__(**kwargs)
        self.page = page

    def runtest(self) -> None:
        """Resolve the names."""
        if messages := list(unknown(self.page)):
            state_of(self.config).bad.add(self.page.docname)
            raise Wrong("\n".join(messages))


class BlockItem(VerifyItem):
    """One block of a page."""

    def __init__(self, *, page: Page, block: Block, **kwargs: Any) -> None:  # noqa: ANN401
        """Remember the block."""
        super().__init__(**kwargs)
        self.page, self.block = page, block

    def add_jobs(self) -> None:
        """Queue what the block's verdict needs."""
        state = state_of(self.config)
        verdict = verdict_of(self.block)
        if verdict is None or state.context.left_out(self.page, self.block):
            return
        if (asked := (self.page.docname, verdict.NAME)) in state.asked:
            return  # a verdict gives the work of the whole page
        state.asked.add(asked)
        for key, function in verdict.jobs(self.page, state.context):
            state.add_job(key, function, self.page)

    def runtest(self) -> None:
        """Reach a verdict and note it for the record."""
        state = state_of(self.config)
        block, docname = self.block, self.page.docname
        try:
            name, lanes, reason = self.verdict(state)
        except (Wrong, JobError) as exc:
            state.bad.add(docname)
            shown = "\n".join(f"    {line}" for line in block.text.split("\n")[:8])
            raise Wrong(
                f"{block.where}: {block.language} block under {block.heading!r}\n{shown}\n{exc}\n"
                f"Only this block: nox -s doctest -- '{self.nodeid}'"
            ) from None
        entry = record.BlockRecord(
            block.line,
            block.language,
            record.text_digest(block.text),
            block.heading,
            name,
            lanes,
            reason,
        )
        state.records.setdefault(docname, {})[block.number] = entry

    def verdict(self, state: State) -> tuple[str, list[str], str]:
        """Return the verdict's name, its lanes, and the reason if the block is only shown.

        Raises:
            Wrong: if the block is wrong, or nothing can check it.

        """
        reason = state.context.left_out(self.page, self.block)
        verdict = verdict_of(self.block)
        if reason:
            return "shown only", [], reason
        if verdict is None:
            raise Wrong(
                f"nothing checks {self.block.language!r} here: mark the block (CONTRIBUTING.md, Marks), teach"
                " verify/verdicts/checked.py the language, or enter it in docs/ledger.toml with a reason"
            )
        lanes = verdict.judge(self.block, self.page, state.context)
        if services_of(self.page, self.block):
            lanes = [LIVE]
        return verdict.NAME, lanes, ""


class WholeSite(pytest.File):
    """What can only be checked over all pages."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make a test for each check."""
        state = state_of(self.config)
        yield RenderedItem.from_parent(self, name="the same blocks as Sphinx renders")
        yield LedgerItem.from_parent(self, name="every entry of the ledger has its block")
        examples = self.config.rootpath / "examples"
        if state.site.docs != self.config.rootpath / "docs":
            return
        for project in sorted(path.parent for path in examples.rglob("pyproject.toml")):
            for lane in LANES:
                name = f"{project.relative_to(self.config.rootpath)} [{lane}]"
                yield ProjectItem.from_parent(self, name=name, project=project, lane=lane)


class RenderedItem(VerifyItem):
    """The verifier and Sphinx see the same blocks."""

    def add_jobs(self) -> None:
        """Queue a build."""
        state = state_of(self.config)
        state.context.jobs.add(("rendered",), partial(render, state.site.docs))

    def runtest(self) -> None:
        """Compare page by page."""
        state = state_of(self.config)
        rendered = state.context.jobs.result(("rendered",))
        messages = [differences(page, rendered.get(name, [])) for name, page in state.pages.items()]
        if messages := [message for message in messages if message]:
            raise Wrong("\n".join(messages))


class LedgerItem(VerifyItem):
    """No entry of the ledger without a block."""

    def runtest(self) -> None:
        """Look every block up, then name the entries that nobody asked for."""
        state = state_of(self.config)
        for page in state.pages.values():
            for block in page.blocks:
                state.context.ledger.reason(page.docname, block)
        if unused := state.context.ledger.unused():
            raise Wrong(
                "entries of ledger.toml without a block, delete them:\n" + "\n".join(unused)
            )


class ProjectItem(VerifyItem):
    """The checks of an example project pass."""

    def __init__(self, *, project: Path, lane: str, **kwargs: Any) -> None:  # noqa: ANN401
        """Remember the project."""
        super().__init__(**kwargs)
        self.project, self.lane = project, lane

    def add_jobs(self) -> None:
        """Queue the checks."""
        for key, function in project_jobs(self.project):
            state_of(self.config).context.jobs.add(key, function)

    def runtest(self) -> None:
        """Wait for the checks."""
        if reason := python_too_old(self.project):
            pytest.skip(reason)
        run = state_of(self.config).context.jobs.result(("project", str(self.project), self.lane))
        if not run.passed:
            raise Wrong(run.output[-5000:])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the live lane, keep the pages that need a service."""
    if not config.option.live:
        return
    kept = [item for item in items if not isinstance(item, VerifyItem) or in_live_lane(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def in_live_lane(item: VerifyItem) -> bool:
    """Say whether a test belongs to a page that needs a service."""
    return isinstance(item, ProseItem | BlockItem) and bool(services_of_page(item.page))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Queue all work before the first test waits for some of it."""
    if STATE in session.config.stash and not session.config.option.collectonly:
        state = session.config.stash[STATE]
        state.whole = any(isinstance(item, RenderedItem) for item in session.items)
        if session.config.option.live:
            blocks = [item for item in session.items if isinstance(item, BlockItem)]
            pages = {item.page.docname: item.page for item in blocks}
            wanted = {name: services_of_page(page) for name, page in pages.items()}
            try:
                state.context.services = state.stack.enter_context(provide(wanted))
            except Missing as exc:
                pytest.exit(str(exc), pytest.ExitCode.TESTS_FAILED)
        if state.whole and not session.config.option.cold:
            importlib.import_module(WARM)  # once, before the pages' own Python is forked from here
        for item in session.items:
            if isinstance(item, VerifyItem):
                item.add_jobs()
        # The longest sessions first: nothing else takes as long as they do.
        commands = {
            name: sum(block.text.count("$ ") for block in page.blocks)
            for name, page in state.pages.items()
        }
        state.context.jobs.order(
            lambda key: (
                ORDER.index(key[0]),
                -commands.get(key[1], 0) if key[0] == "session" else 0,
            )
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the record: only pages whose every block was tested and holds."""
    if STATE not in session.config.stash or session.config.option.collectonly:
        return
    state = session.config.stash[STATE]
    state.context.jobs.close()
    state.stack.close()
    if session.config.getoption("update_examples"):
        update_pages(state)
    for key, place in state.places.items():
        if (answer := state.context.jobs.answers.get(key)) and answer[0] == "result":
            keep(place, answer[1])
    path = session.config.rootpath / session.config.getini("verify_record")
    before = record.load(path)
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    new = record.Record(record.commit(), now, record.versions())
    same = before and (before.commit, before.versions) == (new.commit, new.versions)
    if (
        before and same and not state.whole
    ):  # else the older pages would claim what they did not see
        new.pages = before.pages
    for docname, page in state.pages.items():
        blocks = state.records.get(docname, {})
        if docname in state.bad:
            new.pages.pop(docname, None)
        elif len(blocks) == len(page.blocks):
            new.put(
                docname,
                files_of(page, session.config.rootpath),
                [blocks[n] for n in sorted(blocks)],
            )
    new.save(path)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was not run again."""
    if STATE in config.stash and (recalled := config.stash[STATE].recalled):
        message = f"{len(recalled)} results taken over, as nothing they depend on has changed"
        terminalreporter.write_line(f"{message}; `nox -s doctest` without a page runs everything")


def files_of(page: Page, root: Path) -> Iterable[str]:
    """Return what the verdicts of a page depend on, as paths below the root."""
    paths = {page.path}
    for block in page.blocks:
        if block.include:
            path = block.include.path
            example = example_of(path)
            paths.add(example or project_of(path, root) or path)
            if example:
                paths.add(root / "checkup")
    paths |= {root / name for name in made_from(page)}
    sandbox = page.marks.get("sandbox", "empty")
    if sandbox != "empty":
        paths.add(root / sandbox)
    return [path.relative_to(root).as_posix() for path in paths]


def update_pages(state: State) -> None:
    """Write the true output into pages whose `#>` lines differ (`--update-examples`)."""
    for docname, page in state.pages.items():
        key = ("ran", docname, "eager")
        if key not in state.context.jobs.answers:
            continue
        _, updates = state.context.jobs.result(key)
        lines = page.path.read_text(encoding="utf-8").split("\n")
        for number in sorted(updates, reverse=True):
            block = page.blocks[number - 1]
            first = block.content_line - 1
            new = [block.indent + line if line else "" for line in updates[number].split("\n")]
            lines[first : first + block.text.count("\n") + 1] = new
        page.path.write_text("\n".join(lines), encoding="utf-8")

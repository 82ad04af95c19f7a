"""`covered`: Python from `examples/`, every statement shown executed by the checks of its project."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from verify.needs import python_too_old
from verify.projects import LANES, ProjectRun, project_of, run_checks
from verify.verdicts import Context, Job, Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from verify.blocks import Block, Page

NAME = "covered"


def claims(block: Block) -> bool:
    """Python that is included from a file."""
    return block.include is not None and block.include.path.suffix == ".py"


def jobs(page: Page, context: Context) -> Iterable[Job]:
    """Run the checks of each project that the page includes from, in both lanes."""
    for block in page.blocks:
        project = block.include and project_of(block.include.path, context.root)
        if project:
            yield from project_jobs(project)


def project_jobs(project: Path) -> Iterable[Job]:
    """Run the checks of one project, in both lanes; none on a Python that it is not for."""
    if python_too_old(project):
        return
    for lane in LANES:
        yield ("project", str(project), lane), partial(run_checks, project, lane)


def runs_of(block: Block, context: Context) -> dict[str, ProjectRun]:
    """Return what the checks of the block's project did, by lane.

    Raises:
        Wrong: if the file belongs to no project, or its checks fail.

    """
    assert block.include
    project = project_of(block.include.path, context.root)
    if project is None:
        name = block.include.path.relative_to(context.root)
        raise Wrong(f"{name} belongs to no project: a project is a folder with a pyproject.toml")
    runs = {lane: context.jobs.result(("project", str(project), lane)) for lane in LANES}
    for lane, run in runs.items():
        if not run.passed:
            name = project.relative_to(context.root)
            raise Wrong(f"the checks of {name} fail in the {lane} lane:\n{run.output[-3000:]}")
    return runs


def judge(block: Block, page: Page, context: Context) -> list[str]:  # noqa: ARG001
    """Compare the lines shown with the lines that ran."""
    assert block.include
    runs = runs_of(block, context)
    path = block.include.path
    project = project_of(path, context.root)
    assert project
    name = path.relative_to(project).as_posix()
    shown = {number for number in block.include.lines if number}
    missing = {lane: shown & run.missing.get(name, shown) for lane, run in runs.items()}
    nowhere = set.intersection(*missing.values())
    if nowhere:
        source = path.read_text(encoding="utf-8").splitlines()
        lines = "\n".join(f"    {path.name}:{n}: {source[n - 1]}" for n in sorted(nowhere))
        raise Wrong(
            f"shown, but never run by the checks of {project.relative_to(context.root)}:\n{lines}"
        )
    return [lane for lane in LANES if not missing[lane]] or list(LANES)

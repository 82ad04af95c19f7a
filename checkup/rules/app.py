"""About the Celery app: whether it can be loaded, and whether the web process uses it."""

from __future__ import annotations

from collections.abc import Iterator

from checkup.finding import Place, rule
from checkup.project import Project, where


@rule(
    "CK201",
    "error",
    "app-not-loaded",
    "The Celery app that you name after `-A` cannot be loaded.",
    "reference/errors",
)
def app_not_loaded(project: Project) -> Iterator[Place]:
    """Report why the app, a task module or the web app does not load."""
    for error, what in (
        (project.app_error, f"-A {project.app_name}"),
        (project.import_error, "a task module"),
        (project.web_error, f"--web {project.web_name}"),
    ):
        if error is not None:
            path, line = where(error, project.root)
            why = " ".join(f"{type(error).__name__}: {error}".split())
            yield Place(f"{what} cannot be loaded: {why}", path, line)

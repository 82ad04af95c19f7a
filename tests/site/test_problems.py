"""The thirty most frequent problems are two clicks from the front page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from test_html import read, target

if TYPE_CHECKING:
    from pathlib import Path

FRAMEWORKS = ("flask", "django", "fastapi")
# In the order of how many users they hit: the problem, and the pages that answer it.
PROBLEMS = {
    "task runs before the commit": [f"{name}/after-commit" for name in FRAMEWORKS],
    "unregistered task": ["flask/find-tasks", "django/find-tasks"],
    "wrong app in a thread": ["fastapi/threads", "explain/apps-and-threads"],
    "the same task runs again and again": ["howto/idempotency", "explain/delivery"],
    "async def tasks": ["fastapi/async-tasks"],
    "outside of application context": ["flask/contexts"],
    "event loop is closed": ["fastapi/await-in-a-task"],
    ".delay() hangs": ["howto/broker-down", "explain/performance"],
    "connection shared over a fork": [f"{name}/database-connections" for name in FRAMEWORKS],
    "a deployment kills tasks": ["howto/start-and-stop"],
    "worker stops consuming": ["howto/redis"],
    "tests see no data": ["howto/test-on-commit", "howto/test-tasks"],
    "a setting is silently ignored": [f"{name}/configuration" for name in FRAMEWORKS],
    "a scheduled job runs twice": ["howto/one-beat"],
    "a job runs at the wrong hour": ["howto/time-zones", "django/changed-schedules"],
    "a status page that fails": ["howto/status", "flask/status-and-progress"],
    ".get() in async def": ["fastapi/async-endpoints"],
    "a short task waits": ["howto/queues"],
    "memory grows": ["howto/memory"],
    "a killed process loses its task": ["howto/poison-tasks", "howto/test-failure"],
    "PRECONDITION_FAILED": ["howto/long-tasks"],
    "circular imports": ["flask/app-factory", "fastapi/app-factory"],
    "not JSON serializable": ["flask/pass-ids", "django/pass-ids", "fastapi/arguments"],
    "Celery replaces my logging": ["howto/json-logs"],
    "cancel does not cancel": ["howto/cancel"],
    "Flower": ["howto/flower"],
    "a probe restarts busy workers": ["howto/probes"],
    "amqp://guest although Redis is set": [f"{name}/configuration" for name in FRAMEWORKS],
    "traces never arrive": ["howto/traces"],
    "the table of results grows": ["django/results"],
}


@cache
def within_two_clicks(site: Path) -> set[str]:
    """Return the pages that two links of the text lead to, without menus."""
    site = site.resolve()
    seen = {site / "index.html"}
    last = seen
    for _ in range(2):
        links = {(page, link) for page in last for link in read(page).text_links}
        inside = {pair for pair in links if not urlsplit(pair[1]).scheme}
        last = {target(site, page, link)[0] for page, link in inside}
        last = {page for page in last if page.suffix == ".html"} - seen
        seen = seen | last
    return {page.relative_to(site).with_suffix("").as_posix() for page in seen}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_two_clicks_lead_to_the_answer(site: Path, problem: str) -> None:
    """Each page that answers the problem is near."""
    assert set(PROBLEMS[problem]) - within_two_clicks(site) == set()


def test_all_are_here() -> None:
    """None is dropped by accident: a name that is there twice would be one."""
    assert len(PROBLEMS) == 30

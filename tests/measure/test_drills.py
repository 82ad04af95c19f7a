"""The data of the drills, and what the page `docs/explain/delivery.md` says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from measure.drills.__main__ import every_drill, few_drills
from measure.drills.cells import LASTING, limits_of
from measure.drills.report import report

ROOT = Path(__file__).parents[2]
DATA = json.loads((ROOT / "docs" / "_data" / "drills.json").read_text(encoding="utf-8"))
ROWS = DATA["drills"]
RABBITMQ = ("classic", "quorum")


def rows(fault: str, settings: str = "", *kinds: str) -> list[dict[str, Any]]:
    """Return the rows of a fault; without settings, of the shops."""
    found = [
        row
        for row in ROWS
        if (row["fault"], row["settings"]) == (fault, settings)
        and row["kind"] in (kinds or {row["kind"]})
    ]
    assert found, (fault, settings, kinds)
    return found


def lost(fault: str, settings: str, *kinds: str) -> list[int]:
    return [row["lost"] for row in rows(fault, settings, *kinds)]


def test_every_cell_is_filled() -> None:
    assert {row["name"] for row in ROWS} == {cell.name for cell in every_drill()}
    assert [row["objection"] for row in ROWS] == [""] * len(ROWS)
    assert min(row["sent"] for row in ROWS) >= 1000


def test_what_the_site_shows_is_made_from_the_rows() -> None:
    assert {"charts": DATA["charts"], "tables": DATA["tables"]} == report(ROWS)


def test_a_small_run_has_every_kind_of_drill() -> None:
    names = {cell.name for cell in few_drills()}
    assert names < {cell.name for cell in every_drill()}
    assert {name.rsplit("-", 1)[1] for name in names} >= {"flask", "django", "fastapi"}


def test_the_shops_lose_nothing() -> None:
    shops = [row for row in ROWS if row["shop"]]
    assert {row["shop"] for row in shops} == {"flask", "django", "fastapi"}
    assert [row["lost"] + row["waiting"] for row in shops] == [0] * len(shops)


@pytest.mark.parametrize("settings", ["default", "late"])
def test_a_dead_child_takes_its_task_along(settings: str) -> None:
    assert min(lost("kill_children", settings)) > 0
    assert lost("out_of_memory", settings) == [10, 10, 10]


@pytest.mark.parametrize("settings", ["reject", "retry", "recommended"])
def test_a_retry_or_a_rejection_brings_it_back(settings: str) -> None:
    assert lost("kill_children", settings) == [0, 0, 0]
    assert lost("out_of_memory", settings) == [0, 0, 0]


def test_poison_ends_with_its_retries() -> None:
    assert [row["starts_of_the_poison"] for row in rows("poisoned", "recommended")] == [4, 4, 4]
    assert min(row["starts_of_the_poison"] for row in rows("poisoned", "reject")) > 4


def test_a_dead_worker() -> None:
    assert min(lost("kill_workers", "default", *RABBITMQ)) > 0
    assert lost("kill_workers", "late", *RABBITMQ) == [0, 0]
    (redis,) = rows("kill_workers", "late", "none")
    assert redis["waiting"] > 0


def test_stopping() -> None:
    for settings in ("default", "late", "reject", "retry", "recommended"):
        assert lost("terminate", settings) == [0, 0, 0]
    assert min(lost("terminate_then_kill", "default")) > 0
    assert min(lost("quit_worker", "default")) > 0
    assert min(lost("quit_softly", "default")) > 0
    assert lost("quit_softly", "late") == [0, 0, 0]


def test_a_dead_broker() -> None:
    assert min(lost("kill_broker", "default", "none", "rdb")) > 0
    assert lost("stop_broker", "default", "rdb", "aof", *RABBITMQ) == [0] * 4
    assert max(lost("kill_broker", "recommended", *LASTING)) <= 3  # the gap of Redis


def test_sending_to_a_broker_that_dies() -> None:
    assert lost("kill_broker_while_publishing", "recommended", *RABBITMQ) == [0, 0]
    assert lost("kill_broker_while_publishing", "default", "classic")[0] > 0


def test_a_dead_result_backend() -> None:
    assert lost("kill_result_backend", "default") == [0, 0]
    assert {row["publishing"] for row in rows("kill_result_backend", "default")} == {"RuntimeError"}
    assert {row["publishing"] for row in rows("kill_result_backend", "ignored")} == {"sent"}


def test_a_restarted_database() -> None:
    assert min(lost("restart_database", "default")) > 0
    assert lost("restart_database_and_retry", "default") == [0, 0]


def test_a_countdown_beyond_the_visibility_timeout() -> None:
    (short,) = rows("late_tasks", "short")
    assert short["twice"] == short["sent"]
    assert [row["twice"] for row in rows("late_tasks", "default")] == [0, 0]


def test_what_no_setting_keeps() -> None:
    assert lost("kill_busy_workers", "reject", "classic") == [0]


def test_limits_are_strict_where_no_chance_is_involved() -> None:
    from measure.drills import faults

    assert limits_of(faults.out_of_memory, "redis", "none", "default") == {"lost": (10, 10)}
    assert limits_of(faults.kill_children, "redis", "none", "recommended")["lost"] == (0, 0)
    assert limits_of(faults.kill_workers, "rabbitmq", "classic", "recommended")["lost"] == (0, 0)

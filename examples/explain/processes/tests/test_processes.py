"""The task and the web apps in this process; ``survey.py`` and ``servers.py`` start workers and servers."""

import asyncio
import os
from pathlib import Path

import pytest
import servers
import survey
from fastapi.testclient import TestClient
from shop import tasks, things
from shop.celery_app import celery_app
from web import fastapi_app, flask_app

ANSWER = {
    "pid": 2,
    "main thread": True,
    "imported by": 1,
    "basket": [1],
    "local": 1,
    "client": "a",
    "letter": "a",
    "thread lives": False,
    "loop": False,
}


@pytest.mark.usefixtures("worker")
def test_a_task_looks_around(folder: Path) -> None:
    answer = tasks.look.delay(1, 7).get(timeout=5, interval=0.01)
    assert answer["pid"] == answer["imported by"] == os.getpid()
    assert answer["main thread"] == celery_app.conf.task_always_eager
    assert answer["basket"] == things.basket == [7]
    assert answer["client"] == things.client()
    assert (answer["local"], answer["letter"]) == (7, "a")
    assert (answer["thread lives"], answer["loop"]) == (True, False)
    noted = (folder / "signals").read_text().splitlines()
    assert f"task_prerun {os.getpid()}" in noted
    assert (f"task_received {os.getpid()}" in noted) != celery_app.conf.task_always_eager


def test_waiting_for_others_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "PATIENCE", 0)
    with pytest.raises(TimeoutError, match="fewer than 2 tasks"):
        tasks.wait_for_others("begun", 2)


def test_a_coroutine_has_a_loop() -> None:
    async def ask() -> bool:
        return tasks.has_loop()

    assert asyncio.run(ask())
    assert not tasks.has_loop()


def test_where_requests_are_answered() -> None:
    said = flask_app.test_client().get("/def").json
    assert (said["main thread"], said["loop"]) == (True, False)
    with TestClient(fastapi_app) as client:
        said = client.get("/def").json()
        assert (said["main thread"], said["loop"]) == (False, False)
        assert client.get("/async-def").json()["loop"]


def test_the_cells_of_two_processes() -> None:
    second = ANSWER | {"pid": 3, "basket": [2], "client": "b", "letter": "b", "local": 2}
    notes = ["worker_init 1", "worker_process_init 2", "worker_process_init 3", "task_prerun 2"]
    cells = survey.cells(1, [ANSWER, second], notes)
    assert list(cells.values()) == [
        "two processes, main thread",
        "the main process",
        "a copy in each process",
        "the same one, in each process",
        "is not there",
        "a value each",
        "one in each process",
        "none",
        "in the main process",
        "in each child",
        "never",
        "in each child",
    ]
    known = survey.TABLE.read_text(encoding="utf-8")
    assert [line.split("|")[1].strip() for line in known.splitlines()[2:-2]] == list(cells)


def test_the_cells_of_servers() -> None:
    answer = {"pid": 2, "imported by": 1, "main thread": False, "loop": False}
    assert servers.cells(1, answer) == (
        "the main process",
        "each child, one of its threads",
        "none",
    )
    answer |= {"imported by": 2, "main thread": True, "loop": True}
    assert servers.cells(2, answer) == ("the one process", "the one process, main thread", "runs")
    assert servers.cells(1, answer)[0] == "each child"
    known = servers.TABLE.read_text(encoding="utf-8").splitlines()[2:-2]
    assert [line.split(" | ")[0] for line in known] == [
        f"| {server[0]}" for server in servers.SERVERS
    ]

"""The log of an import as server-sent events."""

from asyncio import Event
from collections.abc import Callable

import pytest
from celery import Task
from fastapi.testclient import TestClient
from shop import bell, tasks
from shop.database import Import, Line, new_session
from shop.routers.imports import read_lines
from shop.tasks import import_prices
from sqlalchemy import event

Ended = Callable[[Task], str]
UNKNOWN = "/imports/3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11/events"


@pytest.fixture
def log(client: TestClient, ended: Ended) -> str:
    """Return the path of the log of an import that is over."""
    answer = client.post("/imports", json=["490", "tea", "1250"])
    import_id = ended(import_prices)
    assert (answer.status_code, answer.json()) == (202, {"id": import_id})
    assert answer.headers["Location"] == f"/imports/{import_id}/events"
    return answer.headers["Location"]


def test_the_whole_log(client: TestClient, log: str) -> None:
    answer = client.get(log)
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.text.split("\n\n") == [
        'data: "490: imported"\nid: 1',
        'data: "tea: not a price"\nid: 2',
        'data: "1250: imported"\nid: 3',
        'event: end\ndata: ""',
        "",
    ]


def test_a_client_that_comes_again_gets_the_rest(client: TestClient, log: str) -> None:
    answer = client.get(log, headers={"Last-Event-ID": "2"})
    assert answer.text.split("\n\n") == [
        'data: "1250: imported"\nid: 3',
        'event: end\ndata: ""',
        "",
    ]


def test_the_task_rings_after_the_commit(
    client: TestClient, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[str, bool, int]] = []

    def ring(topic: str) -> None:
        finished, lines = read_lines(topic.removeprefix("import:"), 0)
        found.append((topic, finished, len(lines)))

    monkeypatch.setattr(tasks, "ring", ring)
    client.post("/imports", json=["490", "1250"])
    topic = f"import:{ended(import_prices)}"
    assert found == [(topic, False, 1), (topic, False, 2), (topic, True, 2)]


def test_what_ends_between_the_two_reads() -> None:
    with new_session.begin() as session:
        session.add_all([Import(id="7d5e"), Import(id="other")])
        session.add(Line(import_id="other", number=1, text="700: imported"))
    reads: list[object] = []

    def end(read: object) -> None:
        reads.append(read)
        if len(reads) == 2:
            with new_session.begin() as session:
                session.add(Line(import_id="7d5e", number=1, text="490: imported"))
                session.get_one(Import, "7d5e").finished = True

    event.listen(new_session, "do_orm_execute", end)
    finished, lines = read_lines("7d5e", 0)
    event.remove(new_session, "do_orm_execute", end)
    assert (finished, [line.text for line in lines]) == (False, ["490: imported"])


def test_no_such_import(client: TestClient) -> None:
    assert client.get(UNKNOWN).status_code == 404


@pytest.mark.parametrize("last", ["-1", "x"])
def test_what_is_no_number(client: TestClient, log: str, last: str) -> None:
    assert client.get(log, headers={"Last-Event-ID": last}).status_code == 422


def test_lines_that_come_while_the_stream_is_open(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = UNKNOWN.split("/")[2]
    with new_session.begin() as session:
        session.add(Import(id=import_id))

    pauses: list[Event] = []

    async def pause(rung: Event) -> None:
        pauses.append(rung)
        assert rung in bell.waiting[f"import:{import_id}"]
        assert not rung.is_set()
        rung.set()
        with new_session.begin() as session:
            if session.get(Line, (import_id, 1)):
                session.get_one(Import, import_id).finished = True
            else:
                session.add(Line(import_id=import_id, number=1, text="490: imported"))

    monkeypatch.setattr(bell, "pause", pause)
    sent = client.get(UNKNOWN).text.split("\n\n")
    assert sent == ['data: "490: imported"\nid: 1', 'event: end\ndata: ""', ""]
    assert len(pauses) == 2
    assert bell.waiting == {}

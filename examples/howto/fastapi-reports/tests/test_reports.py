"""The report, as a customer and a spreadsheet see it."""

import os
import re
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from unittest.mock import call, patch
from uuid import uuid4

import pytest
from celery import Task
from celery.schedules import crontab
from fastapi import status
from fastapi.testclient import TestClient
from shop import reports
from shop.celery_app import celery_app
from shop.config import Settings
from shop.create_tables import create_tables
from shop.database import Order, Report, new_session, now
from shop.tasks import make_report, tidy
from sqlalchemy import event
from sqlalchemy.exc import NoResultFound

HEAD = "order,customer,total\r\n"


def add(*rows: Order | Report) -> None:
    """Save rows."""
    with new_session.begin() as session:
        session.add_all(rows)


def wait_for(report_id: str) -> object:
    """Wait for the end of a task and return its result."""
    result = celery_app.AsyncResult(report_id)
    return result.get(timeout=5, interval=0.01, propagate=False)


@pytest.fixture
def report_id() -> str:
    """Save a report of all orders of the next hour that nobody has begun."""
    report_id = str(uuid4())
    add(Report(id=report_id, asked_at=now() + timedelta(hours=1)))
    return report_id


def ignore(*_: object) -> None:
    """Hear of progress."""


def test_a_report_is_made_and_downloaded(client: TestClient, settings: Settings) -> None:
    add(Order(customer="Ada, Countess", total_cents=1905), Order(customer="@SUM", total_cents=-5))
    answer = client.post("/reports")
    report_id = answer.json()["id"]
    assert answer.status_code == status.HTTP_202_ACCEPTED
    assert answer.headers["Location"] == f"/reports/{report_id}"
    assert answer.json() == {"id": report_id, "state": "PENDING"}
    assert wait_for(report_id) == 2

    state = client.get(f"/reports/{report_id}")
    assert state.json() == {"id": report_id, "state": "SUCCESS"}
    file = client.get(f"/reports/{report_id}/file")
    assert file.text == HEAD + '1,"Ada, Countess",19.05\r\n' + "2,'@SUM,-0.05\r\n"
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    day = f"{now():%Y-%m-%d}"
    assert file.headers["Content-Disposition"] == f'attachment; filename="orders-{day}.csv"'
    assert [path.name for path in settings.report_folder.iterdir()] == [f"{report_id}.csv"]


@pytest.mark.parametrize("path", ["", "/file"])
def test_an_unknown_report_is_404(client: TestClient, path: str) -> None:
    answer = client.get(f"/reports/{uuid4()}{path}")
    assert answer.status_code == status.HTTP_404_NOT_FOUND
    assert answer.json() == {"detail": "no such report"}


def test_only_an_id_names_a_file(client: TestClient, settings: Settings) -> None:
    settings.report_folder.mkdir(parents=True)
    (settings.report_folder / "x.csv").touch()
    for name in ("x", "..%2Fshop.db", "..%2F..%2Fetc%2Fpasswd"):
        assert client.get(f"/reports/{name}/file").status_code in {404, 422}


def test_a_file_that_is_being_written_is_404(client: TestClient, report_id: str) -> None:
    add(Order(customer="Ada", total_cents=1))
    answers = []

    def look(*_: object) -> None:
        answers.append(client.get(f"/reports/{report_id}/file"))

    reports.write(report_id, look)
    assert [answer.status_code for answer in answers] == [status.HTTP_404_NOT_FOUND]
    assert answers[0].json() == {"detail": "no such file"}
    assert client.get(f"/reports/{report_id}/file").status_code == status.HTTP_200_OK


def test_the_file_is_the_truth(client: TestClient, report_id: str) -> None:
    reports.write(report_id, ignore)  # Celery knows nothing about it
    assert client.get(f"/reports/{report_id}").json() == {"id": report_id, "state": "SUCCESS"}


def test_progress(client: TestClient, report_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "PAGE", 2)
    add(*(Order(customer="Ada", total_cents=1) for _ in range(5)))
    states = []
    update = Task.update_state

    def look(task: Task, **update_of: object) -> None:
        update(task, **update_of)
        states.append(client.get(f"/reports/{report_id}").json())

    with patch.object(Task, "update_state", look):
        make_report.apply_async([report_id], task_id=report_id)
        wait_for(report_id)
    assert states == [
        {"id": report_id, "state": "PROGRESS", "done": done, "total": 5} for done in (2, 4, 5)
    ]


def test_twice_is_the_same_file(report_id: str) -> None:
    add(Order(customer="Ada", total_cents=1))
    progress: list[tuple[int, int]] = []
    assert reports.write(report_id, lambda *values: progress.append(values)) == 1
    once = reports.path_of(report_id).read_bytes()
    add(Order(customer="Late", total_cents=1, placed_at=now() + timedelta(hours=2)))
    assert reports.write(report_id, lambda *values: progress.append(values)) == 1
    assert progress == [(1, 1), (1, 1)]
    assert reports.path_of(report_id).read_bytes() == once == HEAD.encode() + b"1,Ada,0.01\r\n"


def test_an_order_at_the_last_moment() -> None:
    report_id, moment = str(uuid4()), now()
    add(
        Report(id=report_id, asked_at=moment),
        Order(customer="Ada", total_cents=1, placed_at=moment),
    )
    progress: list[tuple[int, int]] = []
    reports.write(report_id, lambda *values: progress.append(values))
    assert progress == [(1, 1)]


def test_each_writer_has_a_file_of_its_own(report_id: str, settings: Settings) -> None:
    add(Order(customer="Ada", total_cents=1))

    def write_meanwhile(*_: object) -> None:
        reports.write(report_id, ignore)
        names = {path.name for path in settings.report_folder.iterdir()}
        (mine,) = names - {f"{report_id}.csv"}
        assert re.fullmatch(rf"{report_id}\.[0-9a-f]{{32}}\.partial", mine)

    assert reports.write(report_id, write_meanwhile) == 1


def test_a_failed_report_leaves_no_file(report_id: str, settings: Settings) -> None:
    def fail(*_: object) -> None:
        raise OSError

    add(Order(customer="Ada", total_cents=1))
    with pytest.raises(OSError):  # noqa: PT011 - it has no text
        reports.write(report_id, fail)
    assert list(settings.report_folder.iterdir()) == []


def test_a_failed_report_is_no_server_error(client: TestClient, report_id: str) -> None:
    with patch.object(reports, "pages", side_effect=OSError("secret")):
        make_report.apply_async([report_id], task_id=report_id)
        wait_for(report_id)
    answer = client.get(f"/reports/{report_id}")
    assert answer.json() == {"id": report_id, "state": "FAILURE"}


def test_the_file_is_new_and_the_same_on_each_system(report_id: str) -> None:
    add(Order(customer="Zo\u00eb\nLtd.", total_cents=1))
    with patch.object(Path, "open", autospec=True, side_effect=Path.open) as opened:
        reports.write(report_id, ignore)
    (partial,) = opened.call_args.args[:1]
    assert opened.mock_calls == [call(partial, "x", encoding="utf-8", newline="")]
    assert reports.path_of(report_id).read_bytes() == (
        HEAD.encode() + '1,"Zo\u00eb\nLtd.",0.01\r\n'.encode()
    )


def test_nobody_has_asked() -> None:
    with pytest.raises(NoResultFound):
        reports.write(str(uuid4()), ignore)


def test_no_statement_reads_more_than_a_page(report_id: str) -> None:
    create_tables_in_the_test()
    statements: list[tuple[str, tuple[object, ...]]] = []
    engine = new_session.kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2:4]))
    done: list[tuple[int, int]] = []
    assert reports.write(report_id, lambda *progress: done.append(progress)) == 2500
    assert done == [(1000, 2500), (2000, 2500), (2500, 2500)]
    paged = [(values[0], values[2]) for sql, values in statements if "ORDER BY orders.id" in sql]
    assert paged == [(0, 1000), (1000, 1000), (2000, 1000), (2500, 1000)]
    lines = reports.path_of(report_id).read_text(encoding="utf-8").splitlines()
    assert lines[:4] == ["order,customer,total", "1,Ada,1.00", "2,Grace,1.01", "3,'=1+1,1.02"]
    assert lines[-1] == "2500,Ada,25.99"


def test_one_long_query_locks_sqlite(tmp_path: Path) -> None:
    add(Order(customer="Ada", total_cents=1), Order(customer="Grace", total_cents=1))
    reader = sqlite3.connect(tmp_path / "shop.db")
    writer = sqlite3.connect(tmp_path / "shop.db", timeout=0)
    rows = reader.execute("SELECT * FROM orders")
    assert rows.fetchone()[1] == "Ada"  # and one more to come
    writer.execute("DELETE FROM orders")
    with pytest.raises(sqlite3.OperationalError, match=r"^database is locked$"):
        writer.commit()
    for connection in (reader, writer):
        connection.close()


def create_tables_in_the_test() -> None:
    """Fill the test's database."""
    with patch("shop.create_tables.engine", new_session.kw["bind"]):
        create_tables()


@pytest.mark.parametrize("first", "=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")
def test_no_cell_is_a_formula(first: str) -> None:
    assert reports.harmless(f"{first}1") == f"'{first}1"


@pytest.mark.parametrize("separator", ";\t\r\n")
def test_no_part_of_a_cell_is_a_formula(separator: str) -> None:
    assert reports.harmless(f"Ada{separator}=1+1") == f"Ada{separator}'=1+1"


@pytest.mark.parametrize("text", ["", "Ada", "a=1", "1-1", "'=1", "Ada; Grace", "Ada,=1", "a\nb"])
def test_other_cells_stay(text: str) -> None:
    assert reports.harmless(text) == text


def test_tidy(settings: Settings) -> None:
    new, old = str(uuid4()), str(uuid4())
    add(Report(id=new), Report(id=old, asked_at=now() - reports.KEEP))
    settings.report_folder.mkdir(parents=True)
    week = 7 * 24 * 3600
    for name, age in {
        f"{new}.csv": week - 60,
        f"{old}.csv": week + 60,
        f"{old}.0.partial": week + 60,
    }.items():
        path = settings.report_folder / name
        path.touch()
        os.utime(path, (time.time() - age,) * 2)
    assert tidy() == 1
    assert [path.name for path in settings.report_folder.iterdir()] == [f"{new}.csv"]
    with new_session() as session:
        assert [report.id for report in session.query(Report)] == [new]
    assert tidy() == 0


def test_a_week_is_not_too_old(settings: Settings) -> None:
    moment = now().replace(microsecond=0)
    add(Report(asked_at=moment - timedelta(days=7)))
    path = settings.report_folder / "x.csv"
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, ((moment - timedelta(days=7)).timestamp(),) * 2)
    with patch.object(reports, "now", return_value=moment):
        assert tidy() == 0
    assert path.exists()


def test_tidy_does_not_mind_another_run(settings: Settings) -> None:
    settings.report_folder.mkdir(parents=True)
    (settings.report_folder / "gone.csv").symlink_to("nowhere")
    assert tidy() == 0


def test_the_schedule_names_a_task() -> None:
    schedule = celery_app.conf.beat_schedule
    assert schedule == {"tidy": {"task": tidy.name, "schedule": crontab(hour=3, minute=0)}}


def test_the_options_of_the_task() -> None:
    assert make_report.acks_late
    assert (make_report.soft_time_limit, make_report.time_limit) == (600, 660)

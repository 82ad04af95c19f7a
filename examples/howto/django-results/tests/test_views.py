"""What a client gets."""

from collections.abc import Callable
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync
from celery.result import AsyncResult
from config import celery_app
from django.contrib.auth.models import User
from django.core.exceptions import SynchronousOnlyOperation
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django_celery_results.models import TaskResult
from django_celery_results.views import task_status
from shop.models import Order, Report
from shop.tasks import make_report

RowOf = Callable[[AsyncResult], TaskResult | None]
UNKNOWN = "3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11"


@pytest.fixture
def ada(client: Client, transactional_db: None) -> User:
    """Log a user in."""
    user = User.objects.create_user("ada")
    client.force_login(user)
    return user


def finished_report(client: Client, row_of: RowOf, year: int) -> dict[str, object]:
    """Ask for a report, wait for it, and return the answer to the question for its state."""
    answer = client.post(f"/reports/{year}")
    assert answer.status_code == 202
    report_id = answer.json()["id"]
    row_of(AsyncResult(report_id))
    answer = client.get(f"/reports/{report_id}")
    assert answer.status_code == 200
    assert answer.json()["id"] == report_id
    return answer.json()


@pytest.mark.usefixtures("ada")
def test_a_report(client: Client, row_of: RowOf) -> None:
    Order.objects.create(email="ada@example.com", year=2026, total_cents=1905)
    answer = finished_report(client, row_of, 2026)
    assert answer["state"] == "SUCCESS"
    assert answer["result"] == {"orders": 1, "total_cents": 1905}
    assert answer["error"] is None


@pytest.mark.usefixtures("ada")
def test_a_failed_report_answers_200(client: Client, row_of: RowOf) -> None:
    answer = finished_report(client, row_of, 2000)
    assert answer["state"] == "FAILURE"
    assert answer["error"] == "no orders in 2000"
    assert answer["result"] is None


@pytest.mark.usefixtures("ada")
def test_an_unexpected_error_keeps_its_text(
    client: Client, row_of: RowOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_: object) -> None:
        message = "password authentication failed"
        raise ValueError(message)

    monkeypatch.setattr(Order.objects, "filter", fail)
    answer = finished_report(client, row_of, 2026)
    assert (answer["state"], answer["error"]) == ("FAILURE", "ValueError")


def test_a_report_that_nobody_has_made(client: Client, ada: User) -> None:
    report = Report.objects.create(owner=ada, year=2026)
    assert str(report) == "report of 2026"
    answer = client.get(f"/reports/{report.pk}").json()
    assert answer == {"id": str(report.pk), "state": "PENDING", "result": None, "error": None}


@pytest.mark.usefixtures("ada")
def test_the_report_of_somebody_else(client: Client) -> None:
    report = Report.objects.create(owner=User.objects.create_user("bob"), year=2026)
    assert client.get(f"/reports/{report.pk}").status_code == 404
    assert client.get(f"/reports/{UNKNOWN}").status_code == 404


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_log_in(client: Client) -> None:
    for answer in (client.get(f"/reports/{UNKNOWN}"), client.post("/reports/2026")):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.usefixtures("ada")
def test_the_methods(client: Client) -> None:
    assert client.get("/reports/2026").status_code == 405
    assert client.post(f"/reports/{UNKNOWN}").status_code == 405


@pytest.mark.django_db
def test_an_unknown_id_is_pending_and_leaves_no_row() -> None:
    assert celery_app.AsyncResult(UNKNOWN).state == "PENDING"
    assert not TaskResult.objects.exists()


def test_state_and_result_are_one_query(row_of: RowOf) -> None:
    task_id = row_of(make_report.delay(2026)).task_id
    with CaptureQueriesContext(connection) as captured:
        result = celery_app.AsyncResult(task_id)
        assert (result.state, str(result.result)) == ("FAILURE", "no orders in 2026")
    assert len(captured) == 1


def test_the_rows_can_be_asked(row_of: RowOf) -> None:
    row_of(make_report.delay(2026))
    failures = TaskResult.objects.filter(status="FAILURE", task_name="shop.tasks.make_report")
    assert failures.count() == 1


def test_in_an_async_view(row_of: RowOf) -> None:
    task_id = row_of(make_report.delay(2026)).task_id

    async def state_of(task_id: str | UUID) -> str:
        row = await TaskResult.objects.filter(task_id=task_id).afirst()
        return row.status if row else "PENDING"

    assert async_to_sync(state_of)(task_id) == "FAILURE"
    assert async_to_sync(state_of)(UNKNOWN) == "PENDING"

    async def state_by_celery() -> str:
        return celery_app.AsyncResult(task_id).state

    with pytest.raises(SynchronousOnlyOperation):
        async_to_sync(state_by_celery)()


def test_the_view_of_the_package_shows_the_traceback(row_of: RowOf, rf: RequestFactory) -> None:
    task_id = row_of(make_report.delay(2026)).task_id
    answer = task_status(rf.get("/"), task_id)
    assert "shop/tasks.py" in answer.content.decode()

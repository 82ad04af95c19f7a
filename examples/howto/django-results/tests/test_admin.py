"""Who sees which rows in the admin."""

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django_celery_results.admin import TaskResultAdmin
from django_celery_results.models import TaskResult
from shop.admin import ResultAdmin

pytestmark = pytest.mark.django_db
LIST = "/admin/django_celery_results/taskresult/"


@pytest.fixture
def failure() -> TaskResult:
    """Make the row of a failed task."""
    return TaskResult.objects.create(
        task_id="3c9f1f0e-6d0b-4c55-9a43-0d6f2b5f7a11",
        task_name="shop.tasks.make_report",
        status="FAILURE",
        task_args='"(2026,)"',
        traceback="shop.tasks.ReportError: no orders in 2026\n",
    )


@pytest.fixture
def staff(client: Client) -> User:
    """Log in somebody who may enter the admin, and nothing else."""
    user = User.objects.create_user("ada", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def superuser(client: Client) -> User:
    """Log in somebody who may do everything."""
    user = User.objects.create_superuser("root")
    client.force_login(user)
    return user


def test_staff_see_no_results(client: Client, staff: User) -> None:
    assert client.get(LIST).status_code == 403


def test_the_permission_to_view(client: Client, staff: User, failure: TaskResult) -> None:
    staff.user_permissions.add(Permission.objects.get(codename="view_taskresult"))
    assert "shop.tasks.make_report" in client.get(LIST).text
    page = client.get(f"{LIST}{failure.pk}/change/")
    assert "no orders in 2026" in page.text


def test_a_superuser_adds_and_changes_nothing(
    client: Client, superuser: User, failure: TaskResult
) -> None:
    assert client.get(f"{LIST}add/").status_code == 403
    page = client.get(f"{LIST}{failure.pk}/change/")
    assert "no orders in 2026" in page.text
    assert 'name="_save"' not in page.text
    assert client.get("/admin/django_celery_results/groupresult/").status_code == 404


def test_the_columns_filters_and_the_search(
    client: Client, superuser: User, failure: TaskResult
) -> None:
    TaskResult.objects.create(task_id="other", task_name="shop.tasks.subscribe", status="SUCCESS")
    for query, found in {
        "": 2,
        "?status=FAILURE": 1,
        "?q=make_report": 1,
        f"?q={failure.task_id}": 1,
        f"?q={failure.task_id[:8]}": 0,
        "?q=2026": 0,
    }.items():
        assert client.get(LIST + query).context["cl"].result_count == found
    page = client.get(LIST).context["cl"]
    assert page.list_display[1:] == ["task_name", "status", "date_done", "task_id"]
    assert [spec.title for spec in page.filter_specs] == ["Task State", "Completed DateTime"]


@pytest.mark.parametrize(("admin", "queries"), [(TaskResultAdmin, 9), (ResultAdmin, 3)])
def test_how_often_the_list_reads_the_table(
    admin: type[TaskResultAdmin],
    queries: int,
    failure: TaskResult,
    superuser: User,
    rf: RequestFactory,
) -> None:
    request = rf.get(LIST)
    request.user = superuser
    with CaptureQueriesContext(connection) as captured:
        admin(TaskResult, AdminSite()).changelist_view(request).render()
    assert sum("taskresult" in query["sql"] for query in captured) == queries


def test_the_admin_of_the_package_offers_to_add_a_row(superuser: User, rf: RequestFactory) -> None:
    request = rf.get(f"{LIST}add/")
    request.user = superuser
    assert TaskResultAdmin(TaskResult, AdminSite()).has_add_permission(request)

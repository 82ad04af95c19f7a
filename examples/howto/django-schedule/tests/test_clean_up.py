"""What is old goes, once."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db.models import QuerySet
from django.utils import timezone
from shop.clean_up import delete_old_jobs
from shop.management.commands.tidy import Command
from shop.models import Job
from shop.tasks import tidy


@pytest.fixture
def jobs(transactional_db: None) -> list[int]:
    """Save five jobs that are older than a month, and one that is almost; return their keys."""
    days = (60, 50, 40, 31, 30.01, 29.99)
    made = [Job.objects.create(created_at=timezone.now() - timedelta(days=d)) for d in days]
    return [job.pk for job in made]


def test_what_is_old_goes_in_batches(jobs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    delete = QuerySet.delete

    def noted(keys: QuerySet[Job]) -> tuple[int, dict[str, int]]:
        answer = delete(keys)
        batches.append(answer[0])
        return answer

    monkeypatch.setattr(QuerySet, "delete", noted)
    assert delete_old_jobs(batch=2) == 5
    assert batches == [2, 2, 1]
    assert str(Job.objects.get()) == f"job {jobs[-1]}"


def test_the_second_run_finds_nothing(jobs: list[int]) -> None:
    assert [delete_old_jobs(), delete_old_jobs()] == [len(jobs) - 1, 0]


def test_two_runs_at_a_time_do_no_harm(jobs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    delete = QuerySet.delete

    def overtaken(keys: QuerySet[Job]) -> tuple[int, dict[str, int]]:
        monkeypatch.setattr(QuerySet, "delete", delete)
        assert delete_old_jobs(batch=3) == len(jobs) - 1
        return delete(keys)

    monkeypatch.setattr(QuerySet, "delete", overtaken)
    assert delete_old_jobs(batch=2) == 0


@pytest.mark.usefixtures("worker")
def test_the_task_and_the_command_do_the_same(
    jobs: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    result = tidy.apply_async(ignore_result=False)
    assert result.get(timeout=5, interval=0.01) == len(jobs) - 1
    call_command("tidy")
    assert capsys.readouterr().out == "0 jobs deleted\n"
    assert Command.help == "Delete what the shop does not keep."


@pytest.mark.django_db
def test_the_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)

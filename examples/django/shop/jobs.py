"""Tasks that a client may ask about."""

from functools import partial
from uuid import UUID

from celery import Task
from django.db import transaction
from django.http import Http404, JsonResponse
from django.urls import reverse
from kombu.exceptions import OperationalError

from shop.errors import NotSentError
from shop.models import Job


def find(task_id: UUID) -> Job:
    """Return a job. Raises Http404 for an unknown id."""
    try:
        return Job.objects.get(pk=task_id)
    except Job.DoesNotExist as error:
        message = "no such task"
        raise Http404(message) from error


def send(task: Task, job: Job, *args: object) -> None:
    """Send the task of a job when the job's row is committed.

    Raises NotSentError, then or now, if the broker or the result backend does not answer.
    """
    transaction.on_commit(partial(publish, task, job, *args))


def publish(task: Task, job: Job, *args: object) -> None:
    """Send the task of a job. Raises NotSentError as above."""
    try:
        task.apply_async(args, task_id=str(job.pk))
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        # The message may have arrived all the same; the task then finds this, and ends.
        Job.objects.filter(pk=job.pk).update(cancelled=True)
        raise NotSentError from error


def accepted(job: Job) -> JsonResponse:
    """Say where the state of a job can be read."""
    location = reverse("task", args=[job.pk])
    return JsonResponse({"id": job.pk}, status=202, headers={"Location": location})

"""The shop's HTTP interface."""

import json
from functools import partial
from uuid import UUID

from celery import uuid
from celery.states import PROPAGATE_STATES, SUCCESS
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from kombu.exceptions import OperationalError

from shop.middleware import NotSentError
from shop.tasks import make_report

YEARS = range(1900, 2101)


@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Say that this process answers. Whether a broker does, it leaves to those who need one."""
    return JsonResponse({"status": "ok"})


@require_POST
def create_report(request: HttpRequest) -> JsonResponse:
    """Have a worker make a report, and say where its state can be read."""
    if request.content_type != "application/json":
        return JsonResponse({"error": "Content-Type must be application/json"}, status=415)
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return JsonResponse({"error": "the request is not JSON"}, status=400)
    year = body.get("year") if isinstance(body, dict) else None
    # A bool is an int in Python, hence type().
    if type(year) is not int or year not in YEARS:
        message = f"year must be an integer from {YEARS[0]} to {YEARS[-1]}"
        return JsonResponse({"error": message}, status=400)
    task_id = uuid()
    # After the commit: by then a worker sees what you will save here.
    transaction.on_commit(partial(send_report, task_id, year))
    location = reverse("task", args=[task_id])
    return JsonResponse({"id": task_id}, status=202, headers={"Location": location})


def send_report(task_id: str, year: int) -> None:
    """Send the task. Raises NotSentError if the broker or the result backend does not answer."""
    try:
        make_report.apply_async([year], task_id=task_id)
    # Redis as a result backend that is away is a RuntimeError.
    except (OperationalError, RuntimeError) as error:
        raise NotSentError from error


@require_GET
def show_task(request: HttpRequest, task_id: UUID) -> JsonResponse:
    """Say how far a task is; that it failed is an answer, too. An unknown id is PENDING."""
    # One read: state and result of two reads need not belong together.
    meta = make_report.backend.get_task_meta(str(task_id))
    state, value = meta["status"], meta["result"]
    answer = {
        "id": str(task_id),
        "state": state,
        "result": value if state == SUCCESS else None,
        # Only the kind: the text of an error can name hosts, queries or files.
        "error": type(value).__name__ if state in PROPAGATE_STATES else None,
    }
    return JsonResponse(answer)

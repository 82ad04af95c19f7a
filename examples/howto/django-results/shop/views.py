"""Ask for a report, and for its state."""

from typing import Any
from uuid import UUID

from celery import states
from celery.exceptions import TaskRevokedError
from config import celery_app
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from shop.models import Report
from shop.tasks import ReportError, make_report

# Other errors can name hosts, queries or files.
PUBLIC_ERRORS = (ReportError, TaskRevokedError)


@login_required
@require_POST
def create(request: HttpRequest, year: int) -> JsonResponse:
    """Start a report, and answer with its id."""
    report = Report.objects.create(owner=request.user, year=year)
    make_report.apply_async_on_commit((year,), task_id=str(report.pk))
    return JsonResponse({"id": report.pk}, status=202)


@login_required
@require_GET
def state(request: HttpRequest, report_id: UUID) -> JsonResponse:
    """Tell how far a report is; 404 if this user has not asked for it."""
    report = get_object_or_404(Report, pk=report_id, owner=request.user)
    result = celery_app.AsyncResult(str(report.pk))
    answer: dict[str, Any] = {"id": report.pk, "state": result.state, "result": None, "error": None}
    if answer["state"] == states.SUCCESS:
        answer["result"] = result.result
    elif answer["state"] in states.PROPAGATE_STATES:
        error = result.result
        answer["error"] = str(error) if isinstance(error, PUBLIC_ERRORS) else type(error).__name__
    return JsonResponse(answer)

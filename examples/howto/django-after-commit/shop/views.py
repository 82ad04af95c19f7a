"""The HTTP interface."""

from uuid import UUID

from asgiref.sync import sync_to_async
from celery.result import AsyncResult
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from shop.models import Job
from shop.orders import place_order
from shop.tasks import make_report


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Save an order; 409 if the customer has one."""
    try:
        order = place_order(request.POST["email"])
    except IntegrityError:
        return JsonResponse({"error": "this customer has an order"}, status=409)
    return JsonResponse({"id": order.pk}, status=201)


@require_POST
def create_group(request: HttpRequest) -> JsonResponse:
    """Save an order for each address, all or none; 409 if one has an order."""
    try:
        with transaction.atomic():
            orders = [place_order(email) for email in request.POST.getlist("email")]
    except IntegrityError:
        return JsonResponse({"error": "this customer has an order"}, status=409)
    return JsonResponse({"ids": [order.pk for order in orders]}, status=201)


@transaction.non_atomic_requests
@require_POST
async def create_async(request: HttpRequest) -> JsonResponse:
    """Save an order, as the other views do."""
    order = await sync_to_async(place_order)(request.POST["email"])
    return JsonResponse({"id": order.pk}, status=201)


@require_POST
def create_report(_: HttpRequest, year: int) -> JsonResponse:
    """Have the report of a year made, and say where to ask for it."""
    job = Job.objects.create(year=year)
    make_report.apply_async_on_commit((year,), task_id=str(job.pk))
    answer = JsonResponse({"id": str(job.pk)}, status=202)
    answer["Location"] = reverse(report, args=[job.pk])
    return answer


@require_GET
def report(_: HttpRequest, job_id: UUID) -> JsonResponse:
    """Say what has become of a report; 404 for an id that the shop has not issued."""
    job = get_object_or_404(Job, pk=job_id)
    result = AsyncResult(str(job.pk))
    return JsonResponse({"year": job.year, "state": result.state})

"""Reports: the page that asks for one, and the request that starts it."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from shop import jobs
from shop.fields import integer_field
from shop.models import Job
from shop.tasks import make_report


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the form and the progress bar."""
    return render(request, "shop/reports.html")


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Start a report and say where its state can be read."""
    year = integer_field(request, "year", range(2000, 2101))
    # The row first, so that no client ever holds an id that is not in the table.
    job = Job.objects.create()
    jobs.send(make_report, job, year)
    return jobs.accepted(job)

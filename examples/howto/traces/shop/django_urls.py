"""The views of Django, and where they are."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from shop.tasks import make_report


def create_report(request: HttpRequest, year: int) -> HttpResponse:  # noqa: ARG001
    """Start a report."""
    make_report.delay(year)
    return HttpResponse(status=202)


urlpatterns = [path("reports/<int:year>", create_report)]

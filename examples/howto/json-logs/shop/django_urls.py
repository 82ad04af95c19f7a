"""The views of Django, and where they are."""

import logging

from django.http import HttpRequest, HttpResponse
from django.urls import path

from shop.tasks import make_report

logger = logging.getLogger(__name__)


def create_report(request: HttpRequest, year: int) -> HttpResponse:  # noqa: ARG001
    """Start a report."""
    logger.info("report of %d asked for", year)
    make_report.delay(year)
    return HttpResponse(status=202)


urlpatterns = [path("reports/<int:year>", create_report)]

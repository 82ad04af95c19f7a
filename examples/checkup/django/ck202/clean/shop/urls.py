"""The addresses of a shop."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from .tasks import send_receipt


def order(_request: HttpRequest, order_id: int) -> HttpResponse:
    """Have the receipt of an order sent."""
    send_receipt.delay(order_id)
    return HttpResponse(status=202)


urlpatterns = [path("orders/<int:order_id>", order)]

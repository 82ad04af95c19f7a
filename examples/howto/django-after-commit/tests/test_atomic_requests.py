"""With ATOMIC_REQUESTS, a response commits, whatever its status."""

from queue import Queue

import pytest
from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.test import Client
from django.urls import path
from shop.models import Order
from shop.orders import place_order

SECONDS = 5


def out_of_stock(_: HttpRequest) -> JsonResponse:
    """Save an order, and answer with an error all the same."""
    place_order("ada@example.com")
    return JsonResponse({"error": "out of stock"}, status=409)


def out_of_stock_undone(_: HttpRequest) -> JsonResponse:
    """Save nothing."""
    place_order("bob@example.com")
    transaction.set_rollback(True)
    return JsonResponse({"error": "out of stock"}, status=409)


urlpatterns = [path("kept", out_of_stock), path("undone", out_of_stock_undone)]


@pytest.mark.urls(__name__)
@pytest.mark.usefixtures("worker")
def test_an_error_response_commits(client: Client, done: Queue[tuple[str, object]]) -> None:
    assert client.post("/undone").status_code == 409
    assert not Order.objects.exists()
    assert client.post("/kept").status_code == 409
    assert Order.objects.get().email == "ada@example.com"
    assert done.get(timeout=SECONDS)[1] == "sent to ada@example.com"
    assert done.empty()

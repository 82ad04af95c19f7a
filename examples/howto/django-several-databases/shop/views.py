"""The views."""

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from shop import orders
from shop.models import Order


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Place an order."""
    order = orders.place(request.POST["email"])
    return JsonResponse({"id": order.pk}, status=201)


@require_GET
def show(_: HttpRequest, order_id: int) -> JsonResponse:
    """Show an order, as the replica knows it."""
    order = get_object_or_404(Order, pk=order_id)
    return JsonResponse({"id": order.pk, "receipt_sent": order.receipt_sent})

"""Two views: the first is wrong, the second is right."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.models import Order
from shop.payments import charge
from shop.tasks import send_receipt


@require_POST
def create_too_early(request: HttpRequest) -> JsonResponse:
    """Save an order, and send its receipt before the commit."""
    order = Order.objects.create(email=request.POST["email"])
    send_receipt.delay(order.pk)
    charge(order)
    return JsonResponse({"id": order.pk}, status=201)


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Save an order, and have its receipt sent after the commit."""
    order = Order.objects.create(email=request.POST["email"])
    send_receipt.delay_on_commit(order.pk)
    charge(order)
    return JsonResponse({"id": order.pk}, status=201)

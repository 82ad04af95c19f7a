"""The views."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.models import Order
from shop.tasks import send_receipt


@require_POST
@transaction.atomic
def create(request: HttpRequest) -> JsonResponse:
    """Save an order, and have its receipt sent after the commit."""
    order = Order.objects.create(email=request.POST["email"])
    send_receipt.delay_on_commit(order.pk)
    return JsonResponse({"id": order.pk}, status=201)

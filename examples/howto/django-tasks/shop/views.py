"""The views."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.models import Order
from shop.tasks import send_receipt


@require_POST
@transaction.atomic
def create(request: HttpRequest) -> JsonResponse:
    """Save an order, and send its receipt; the id of the task is known before the commit."""
    order = Order.objects.create(email=request.POST["email"])
    result = send_receipt.enqueue(order.pk)
    return JsonResponse({"id": order.pk, "receipt": result.id}, status=201)

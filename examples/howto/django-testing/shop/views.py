"""The views."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.models import Order
from shop.tasks import send_receipt


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Save an order, and send its receipt when it is committed."""
    order = Order.objects.create(email=request.POST["email"])
    send_receipt.delay_on_commit(order.pk)
    return JsonResponse({"id": order.pk}, status=201)

"""The HTTP interface."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop import outbox
from shop.models import Order
from shop.tasks import relay, send_receipt


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Save an order and its task, both or none."""
    with transaction.atomic():
        order = Order.objects.create(email=request.POST["email"])
        task_id = outbox.put(send_receipt, order.pk)
        # The quick way: if this message is lost, the next relay comes from beat.
        transaction.on_commit(relay.s().delay, robust=True)
    return JsonResponse({"id": order.pk, "receipt": task_id}, status=201)


@require_POST
def create_swept(request: HttpRequest) -> JsonResponse:
    """Save an order; a receipt that the broker refuses is left to ``sweep``."""
    with transaction.atomic():
        order = Order.objects.create(email=request.POST["email"])
        transaction.on_commit(send_receipt.s(order.pk).delay, robust=True)
    return JsonResponse({"id": order.pk}, status=201)

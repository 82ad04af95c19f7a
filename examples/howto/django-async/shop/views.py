"""The views, all of them asynchronous."""

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.models import Order
from shop.tasks import send_receipt


@require_POST
async def create(request: HttpRequest) -> JsonResponse:
    """Save an order, and send its receipt from a thread."""
    order = await Order.objects.acreate(email=request.POST["email"])
    await sync_to_async(send_receipt.delay)(order.pk)
    return JsonResponse({"id": order.pk}, status=201)


@sync_to_async
def place_orders(emails: list[str]) -> list[int]:
    """Save all orders or none, and send a receipt for each when they are committed."""
    with transaction.atomic():
        orders = [Order.objects.create(email=email) for email in emails]
        for order in orders:
            send_receipt.delay_on_commit(order.pk)
    return [order.pk for order in orders]


@require_POST
async def create_group(request: HttpRequest) -> JsonResponse:
    """Save several orders."""
    try:
        ids = await place_orders(request.POST.getlist("email"))
    except IntegrityError:
        return JsonResponse({"error": "this customer has an order"}, status=409)
    return JsonResponse({"ids": ids}, status=201)

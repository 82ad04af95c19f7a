"""The shop's HTTP interface."""

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from shop.forms import OrderForm
from shop.models import Order
from shop.tasks import send_receipt


@csrf_exempt  # nobody is logged in here, so a forged request gains nothing
@require_POST
def create_order(request: HttpRequest) -> JsonResponse:
    """Save an order, and let a worker send the receipt; 400 without an e-mail address."""
    form = OrderForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    order = form.save()
    send_receipt.delay_on_commit(order.pk)
    return JsonResponse({"order": reverse("order", args=[order.pk])}, status=201)


@require_GET
def order_status(request: HttpRequest, pk: int) -> JsonResponse:
    """Tell what became of the receipt."""
    order = get_object_or_404(Order, pk=pk)
    return JsonResponse({"receipt": order.receipt})

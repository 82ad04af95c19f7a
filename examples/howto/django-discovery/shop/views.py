"""The views."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from shop.tasks import send_receipt


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Take an order, and let a worker send the receipt."""
    result = send_receipt.delay(request.POST["email"])
    return JsonResponse({"task": result.id}, status=202)

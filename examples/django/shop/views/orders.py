"""Orders."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from shop.fields import integer_field
from shop.models import Order, User
from shop.tasks import announce


@require_POST
def create(request: HttpRequest) -> JsonResponse:
    """Save an order, then have its receipt and the webhook sent."""
    user_id = integer_field(request, "user_id", range(1, 2**31))
    total_cents = integer_field(request, "total_cents", range(1, 10_000_001))
    user = get_object_or_404(User, pk=user_id)
    with transaction.atomic():
        order = Order.objects.create(user=user, total_cents=total_cents)
        # Only after the commit a worker sees the row. With robust, a broker that is away does not
        # turn a saved order into an error: announce_late_orders() comes back to it. No partial():
        # to log the error, Django before 6.1 needs a name, and fails without one.
        transaction.on_commit(lambda: announce(order.pk), robust=True)
    answer = {"id": order.pk, "user_id": user_id, "total_cents": total_cents}
    return JsonResponse(answer, status=201)

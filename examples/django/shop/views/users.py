"""Customers."""

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from shop.models import User
from shop.tasks import archive_user


@require_POST
def archive(_: HttpRequest, user_id: int) -> JsonResponse:
    """Have a customer archived."""
    # The shop has no log-in: in your application, check here who asks.
    user = get_object_or_404(User, pk=user_id)
    archive_user.delay_on_commit(user.pk)
    return JsonResponse({"id": user.pk}, status=202)

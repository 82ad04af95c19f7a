"""The views."""

from django.contrib.auth import get_user_model
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from shop.tasks import archive_user


@require_POST
def archive(_: HttpRequest, user_id: int) -> JsonResponse:
    """Archive a customer."""
    user = get_object_or_404(get_user_model(), pk=user_id)
    archive_user.delay_on_commit(user.pk)
    return JsonResponse({"id": user.pk}, status=202)

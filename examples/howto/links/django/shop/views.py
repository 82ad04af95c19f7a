"""What a customer can ask for."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from shop.models import Customer
from shop.tasks import send_welcome


@require_POST
def sign_up(request: HttpRequest) -> JsonResponse:
    """Add a customer, and let a worker write to them."""
    language = get_language()
    customer = Customer.objects.create(email=request.POST["email"], language=language)
    url = request.build_absolute_uri(reverse("account"))
    send_welcome.delay_on_commit(customer.pk, url, language)
    return JsonResponse({"id": customer.pk}, status=201)


@require_safe
def account(_: HttpRequest) -> HttpResponse:
    """Stand for the page that a letter links to."""
    return HttpResponse("Your account")

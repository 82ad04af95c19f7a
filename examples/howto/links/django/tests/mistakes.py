"""What not to write."""

from celery import shared_task
from django.http import HttpRequest
from django.utils import translation
from django.utils.formats import date_format
from shop.models import Customer


@shared_task
def remind_and_leave(customer_id: int) -> str:
    """Switch the language, and never back."""
    customer = Customer.objects.get(pk=customer_id)
    translation.activate(customer.language)
    return date_format(customer.since)


@shared_task
def count() -> str:
    """Say which language the next task has."""
    return translation.get_language()


@shared_task
def answer(request: HttpRequest) -> str:
    """Build a URL from a request, which no message can hold."""
    return request.build_absolute_uri("/account")

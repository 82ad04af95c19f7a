"""What the shop does outside of a request."""

from celery import shared_task
from django.utils import translation
from django.utils.formats import date_format

from shop.links import site_url
from shop.models import Customer


@shared_task
def send_welcome(customer_id: int, url: str, language: str) -> str:
    """Write to a customer; raises Customer.DoesNotExist without one."""
    customer = Customer.objects.get(pk=customer_id)
    with translation.override(language):
        return f"{customer.email}, {date_format(customer.since)}: {url}"


@shared_task
def remind(customer_id: int) -> str:
    """Write to a customer whom no request has sent; raises Customer.DoesNotExist without one."""
    customer = Customer.objects.get(pk=customer_id)
    with translation.override(customer.language):
        return f"{customer.email}, {date_format(customer.since)}: {site_url('account')}"

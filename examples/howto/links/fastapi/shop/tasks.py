"""What the shop does outside of a request."""

from shop.celery_app import celery_app
from shop.customers import CUSTOMERS, Language
from shop.links import site_url

LETTERS: dict[Language, str] = {
    "de": "Willkommen! Ihr Konto: {url}",
    "en": "Welcome! Your account: {url}",
}


@celery_app.task
def send_welcome(email: str, url: str, language: Language) -> str:
    """Write to a new customer."""
    return f"{email}: {LETTERS[language].format(url=url)}"


@celery_app.task
def remind(index: int) -> str:
    """Write to a customer whom no request has sent; raises IndexError without one."""
    customer = CUSTOMERS[index]
    url = site_url("account", language=customer.language)
    return f"{customer.email}: {LETTERS[customer.language].format(url=url)}"

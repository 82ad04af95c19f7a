"""Whole URLs, outside of a request."""

from django.conf import settings
from django.urls import reverse


def site_url(name: str) -> str:
    """Return the URL of a page, in the language that is active; raises NoReverseMatch."""
    return f"{settings.SITE_URL}{reverse(name)}"

"""What a web server must not start without."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def refuse_missing_key() -> None:
    """Raise ImproperlyConfigured if there is no secret key.

    Django finds out at the first log-in only. A worker and most commands need none.
    """
    if not settings.DEBUG and not os.environ.get("DJANGO_SECRET_KEY"):
        message = "Set DJANGO_SECRET_KEY, or DJANGO_DEBUG=1 on your own machine"
        raise ImproperlyConfigured(message)

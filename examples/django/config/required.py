"""What the settings must have: a secret key for a web server, TLS that checks certificates."""

import os
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# The values of ssl_cert_reqs with which a certificate is checked.
CHECKING = ("required", "optional", "CERT_REQUIRED", "CERT_OPTIONAL")


def refuse_missing_key() -> None:
    """Raise ImproperlyConfigured if there is no secret key.

    Django finds out at the first log-in only. A worker and most commands need none.
    """
    if not settings.DEBUG and not os.environ.get("DJANGO_SECRET_KEY"):
        message = "Set DJANGO_SECRET_KEY, or DJANGO_DEBUG=1 on your own machine"
        raise ImproperlyConfigured(message)


def checked_url(name: str, default: str) -> str:
    """Return the URL in a variable, or several with semicolons between them.

    Raises ImproperlyConfigured if one of them would check no certificate.
    """
    url = os.environ.get(name, default)
    for one in url.split(";"):
        parts = urlsplit(one)
        asked_for = parse_qs(parts.query).get("ssl_cert_reqs", [""])[-1]
        if parts.scheme == "rediss" and asked_for not in CHECKING:
            message = f"Write ?ssl_cert_reqs=required behind the rediss:// URL in {name}"
            raise ImproperlyConfigured(message)
    return url

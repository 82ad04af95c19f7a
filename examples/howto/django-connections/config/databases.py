"""Where the data is."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# For each process that has one.
POOL = {"min_size": 1, "max_size": 4, "timeout": 10}


def postgresql(url: str, *, pooled: bool) -> dict[str, Any]:
    """Return Django's settings for the database that a URL names."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    if pooled:
        options["pool"] = POOL
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": parts.port or "",
        "OPTIONS": options,
        # Beside a pool, Django accepts no other age than 0.
        "CONN_MAX_AGE": 0 if pooled else 60,
        "CONN_HEALTH_CHECKS": True,
    }


def through_pgbouncer(url: str) -> dict[str, Any]:
    """Return Django's settings for a database behind PgBouncer with ``pool_mode = transaction``."""
    return postgresql(url, pooled=False) | {"DISABLE_SERVER_SIDE_CURSORS": True}

"""System checks that name the settings which Celery would ignore."""

from difflib import get_close_matches

from celery.app.defaults import _TO_NEW_KEY, DEFAULTS
from config import celery_app
from django.conf import settings
from django.core import checks

# What Celery reads although its list of defaults lacks it.
UNLISTED = {
    "cassandra_secure_bundle_path",
    "db_reuse_max",
    "firestore_project",
    "gcs_threadpool_maxsize",
    "redis_backend_credential_provider",
    "redis_backend_health_check_interval",
    "redis_client_name",
    "result_backend_thread_safe",
}
# Defaults for the options of programs that run in the background.
UNLISTED |= {
    f"{program}_{option}"
    for program in ("beat", "events", "worker")
    for option in ("executable", "gid", "logfile", "pidfile", "uid", "umask")
}
NAMES = {f"CELERY_{key.upper()}": key for key in DEFAULTS.keys() | UNLISTED}
# Add the names that other packages read.
OTHERS: set[str] = set()
KNOWN = NAMES.keys() | _TO_NEW_KEY.keys() | OTHERS


def unknown_settings(**_: object) -> list[checks.CheckMessage]:
    """Report each name that begins like one of Celery's and is none."""
    return [
        checks.Error(f"Nothing reads {name}.", hint=suggestion(name), id="shop.E001")
        for name in dir(settings)
        if name.startswith("CELERY") and name not in KNOWN
    ]


def suggestion(name: str) -> str | None:
    """Ask whether the nearest name was meant, if one is near."""
    nearest = get_close_matches(name.removeprefix("CELERY").lower(), DEFAULTS)
    return f"Did you mean CELERY_{nearest[0].upper()}?" if nearest else None


def overridden_settings(**_: object) -> list[checks.CheckMessage]:
    """Report each setting with another value in Celery; the values may be secret."""
    return [
        checks.Warning(
            f"{name} is not in force.",
            hint="Look for a variable of that name, for Celery(...) and for app.conf.",
            id="shop.W001",
        )
        for name in dir(settings)
        if name in NAMES and getattr(settings, name) not in (None, "", in_force(name))
    ]


def in_force(name: str) -> object:
    """Return the value that Celery uses."""
    return getattr(celery_app.conf, NAMES[name])

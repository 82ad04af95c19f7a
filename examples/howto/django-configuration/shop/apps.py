"""The shop as an app of Django."""

from django.apps import AppConfig
from django.core.checks import register

from shop.checks import overridden_settings, unknown_settings


class ShopConfig(AppConfig):
    """Check Celery's settings wherever Django runs its checks."""

    name = "shop"

    def ready(self) -> None:
        """Hand the checks to Django."""
        register(unknown_settings, "celery")
        register(overridden_settings, "celery")

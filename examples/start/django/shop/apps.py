"""The shop, as Django's app."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """What `startapp` writes."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "shop"

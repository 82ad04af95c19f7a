"""The app of the shop."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """Connects the receivers."""

    name = "shop"

    def ready(self) -> None:
        """Import the receivers, which connects them."""

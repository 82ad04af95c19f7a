"""Delete old orders, and count the others."""

import os

import django


def clean_up() -> None:
    """Import what needs Django when Django is set up."""
    from shop.models import Order
    from shop.tasks import count_orders

    Order.objects.filter(receipt_sent=True).delete()
    count_orders.delay()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    clean_up()

"""``python manage.py add_user EMAIL``."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from shop.models import User


class Command(BaseCommand):
    """Add a customer."""

    help = "Add a customer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the address."""
        parser.add_argument("email")

    def handle(self, *, email: str, **_: object) -> None:
        """Save the customer.

        Raises ValidationError for an address that is none, or is another customer's.
        """
        user = User(email=email)
        user.full_clean()
        user.save()
        self.stdout.write(f"User {user.pk} added.")

"""The tables."""

from django.db import models


class Customer(models.Model):
    """Somebody who has signed up, and the language of the letters to them."""

    email = models.EmailField()
    language = models.CharField(max_length=10)
    since = models.DateField(auto_now_add=True)

    def __str__(self) -> str:
        """Return the address."""
        return self.email

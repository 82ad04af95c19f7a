"""What a customer fills in."""

from django import forms

from shop.models import Order


class OrderForm(forms.ModelForm):
    """An order; all but the address is up to the shop."""

    class Meta:
        """What becomes of the fields."""

        model = Order
        fields = ("email",)

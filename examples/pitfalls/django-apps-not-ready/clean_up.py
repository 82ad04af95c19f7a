"""Delete old orders; nobody has told Django which settings to use."""

from shop.models import Order

Order.objects.filter(receipt_sent=True).delete()

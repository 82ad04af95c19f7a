"""Every task of the shop: a worker imports this package, and so gets them all."""

from shop.tasks.mail import send_receipt
from shop.tasks.stock import count_stock

__all__ = ["count_stock", "send_receipt"]

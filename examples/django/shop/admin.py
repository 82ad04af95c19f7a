"""The admin: customers can be changed, what the shop writes itself can be read."""

from django.contrib import admin

from shop.models import Job, Order, User


class ReadOnly(admin.ModelAdmin):
    """Rows that only the shop writes."""

    def has_add_permission(self, *_: object) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, *_: object) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, *_: object) -> bool:
        """Refuse."""
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Customers."""

    list_display = ("email", "archived_on")
    search_fields = ("email",)


@admin.register(Order)
class OrderAdmin(ReadOnly):
    """Orders, and what has become of them."""

    list_display = (
        "id",
        "user",
        "total_cents",
        "placed_at",
        "announced_at",
        "receipt_sent",
        "webhook_sent",
    )
    list_filter = (("announced_at", admin.EmptyFieldListFilter), "receipt_sent", "webhook_sent")
    list_select_related = ("user",)


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Tasks that clients may ask about."""

    list_display = ("id", "started_on", "cancelled")
    list_filter = ("cancelled",)
    date_hierarchy = "started_on"

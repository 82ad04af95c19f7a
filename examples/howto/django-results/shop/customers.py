"""What a customer can ask for."""

from shop.tasks import subscribe


def order_newsletter(email: str) -> str:
    """Subscribe an address that logs and result rows do not show; return the id of the task."""
    return subscribe.apply_async((email,), argsrepr="(<email>,)").id

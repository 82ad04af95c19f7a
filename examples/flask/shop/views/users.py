"""Customers."""

from flask import Blueprint

from shop.extensions import db
from shop.models import User
from shop.tasks import archive_user

bp = Blueprint("users", __name__)


@bp.post("/users/<int(max=2147483647):user_id>/archive")
def archive(user_id: int) -> tuple[dict[str, int], int]:
    """Have a customer archived."""
    # The shop has no log-in: in your application, check here who asks.
    user = db.get_or_404(User, user_id)
    archive_user.delay(user.id)
    return {"id": user.id}, 202

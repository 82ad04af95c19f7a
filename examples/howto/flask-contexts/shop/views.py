"""What a customer can ask for."""

from flask import Blueprint, request, url_for

from shop.models import Customer, db
from shop.tasks import LETTERS, charge, send_welcome

bp = Blueprint("customers", __name__)


@bp.post("/customers")
def sign_up() -> tuple[dict[str, int], int]:
    """Add a customer, and let a worker write to them; 400 without an address."""
    language = request.accept_languages.best_match(LETTERS, default="en")
    customer = Customer(email=request.form["email"], language=language)
    db.session.add(customer)
    db.session.commit()
    url = url_for("customers.account", _external=True)
    send_welcome.delay(customer.id, url, language)
    return {"id": customer.id}, 201


@bp.get("/account")
def account() -> str:
    """Stand for the page that a letter links to."""
    return "Your account"


@bp.post("/charges/<int:cents>")
def create_charge(cents: int) -> tuple[dict[str, str], int]:
    """Charge an amount in a worker."""
    result = charge.delay(cents)
    return {"id": result.id}, 202

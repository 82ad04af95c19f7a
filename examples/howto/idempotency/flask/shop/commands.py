"""Commands of the shop: ``flask --app shop ...``."""

import click
from flask import Blueprint
from sqlalchemy import select

from shop.models import Customer, Order, db

bp = Blueprint("shop", __name__, cli_group=None)


@bp.cli.command("init-db")
def init_db() -> None:
    """Create the tables, a customer and two orders."""
    db.create_all()
    db.session.add(Customer(id=1))
    db.session.add_all(Order(id=number, customer_id=1, total_cents=1900) for number in (1, 2))
    db.session.commit()
    click.echo("Customer 1 has ordered twice.")


@bp.cli.command("points")
def points() -> None:
    """Show the customer's points."""
    click.echo(db.session.scalar(select(Customer.points)))

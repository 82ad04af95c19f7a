"""Commands of the shop: ``flask --app shop ...``."""

import click
from flask import Blueprint
from sqlalchemy import func, select

from shop.models import PriceRise, Product, db
from shop.tasks import raise_prices

bp = Blueprint("shop", __name__, cli_group=None)


@bp.cli.command("init-db")
def init_db() -> None:
    """Create the tables and 250 products."""
    db.create_all()
    db.session.add_all(Product(price_cents=1000) for _ in range(250))
    db.session.commit()
    click.echo("There are 250 products.")


@bp.cli.command("raise-prices")
@click.argument("cents", type=int)
def rise(cents: int) -> None:
    """Raise all prices."""
    rise = PriceRise(cents=cents)
    db.session.add(rise)
    db.session.commit()
    raise_prices.delay(rise.id, 0)
    click.echo(f"Price rise {rise.id} has begun.")


@bp.cli.command("prices")
def prices() -> None:
    """Show how many products have which price."""
    count = select(Product.price_cents, func.count()).group_by(Product.price_cents)
    for cents, number in db.session.execute(count):
        click.echo(f"{number} cost {cents}")

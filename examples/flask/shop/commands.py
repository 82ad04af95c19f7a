"""Commands of the flask program."""

import click
from flask.cli import with_appcontext

from shop.extensions import db
from shop.models import User


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Create the tables that do not exist yet."""
    db.create_all()
    click.echo("The tables exist.")


@click.command("add-user")
@click.argument("email")
@with_appcontext
def add_user(email: str) -> None:
    """Add a customer."""
    user = User(email=email)
    db.session.add(user)
    db.session.commit()
    click.echo(f"User {user.id} added.")

"""The table of the shop."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


class Order(db.Model):
    """What a customer bought."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]

"""The shop's tables."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)


class Customer(db.Model):
    """Somebody who buys."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    language: Mapped[str]


class Failure(db.Model):
    """A task that failed, and why."""

    task_id: Mapped[str] = mapped_column(primary_key=True)
    error: Mapped[str]


class Run(db.Model):
    """A task that ended."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]

"""Extensions, created once and attached to an application by ``create_app``."""

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from shop.mail import Mail


class Base(DeclarativeBase):
    """The base of every model."""


db = SQLAlchemy(model_class=Base)
mailer = Mail()

"""The tables: customers, campaigns, and a row for each mail."""

from secrets import token_urlsafe

from celery import uuid
from sqlalchemy import ForeignKey, UniqueConstraint, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url)
new_session = sessionmaker(engine)


class Base(DeclarativeBase):
    """The base of every table."""


class Customer(Base):
    """Somebody who wants our mail, or does not any more; the token is for the way out."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    subscribed: Mapped[bool] = mapped_column(default=True)
    token: Mapped[str] = mapped_column(unique=True, default=token_urlsafe)


class Campaign(Base):
    """What all of them are to read."""

    __tablename__ = "campaigns"

    id: Mapped[str] = mapped_column(primary_key=True, default=uuid)
    subject: Mapped[str]
    text: Mapped[str]


class Mail(Base):
    """One campaign for one customer.

    Its state is waiting, sending, sent, refused or unsubscribed.
    """

    __tablename__ = "mails"
    __table_args__ = (UniqueConstraint("campaign_id", "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[str] = mapped_column(ForeignKey(Campaign.id))
    customer_id: Mapped[int] = mapped_column(ForeignKey(Customer.id))
    state: Mapped[str] = mapped_column(default="waiting")
    campaign: Mapped[Campaign] = relationship()
    customer: Mapped[Customer] = relationship()

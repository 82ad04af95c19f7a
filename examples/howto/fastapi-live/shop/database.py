"""The tables, for the web process and the worker: ``python -m shop.database`` creates them."""

from sqlalchemy import ForeignKey, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

from shop.config import get_settings

engine = create_engine(get_settings().database_url)
new_session = sessionmaker(engine)


class Base(DeclarativeBase):
    """What all tables have in common."""


class SignIn(Base):
    """A browser in which a customer has signed in. Only the hash of its cookie is kept."""

    __tablename__ = "sign_ins"

    digest: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int]


class Notification(Base):
    """What a customer has not read yet."""

    __tablename__ = "notifications"
    # Without it, SQLite gives the id of a row that was deleted to the next one.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(index=True)
    text: Mapped[str]


class Import(Base):
    """A price list that a worker reads."""

    __tablename__ = "imports"

    id: Mapped[str] = mapped_column(primary_key=True)
    finished: Mapped[bool] = mapped_column(default=False)


class Line(Base):
    """A line of the log of an import. One worker writes them, so their numbers have no gaps."""

    __tablename__ = "lines"

    import_id: Mapped[str] = mapped_column(ForeignKey(Import.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


if __name__ == "__main__":
    Base.metadata.create_all(engine)

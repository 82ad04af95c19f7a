"""The tables of the shop."""

from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Order(Base):
    """What a customer bought; one order for each address."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    risk: Mapped[int | None]

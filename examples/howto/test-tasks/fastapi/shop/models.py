"""The table of the shop."""

from sqlalchemy.orm import Mapped, mapped_column

from shop.database import Base


class Order(Base):
    """What a customer bought."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]

"""What customers are told. The table is the truth; the bell only says that there is more."""

from pydantic import BaseModel
from sqlalchemy import delete, select

from shop.bell import ring
from shop.database import Notification, new_session

AT_A_TIME = 100


class News(BaseModel):
    """What a customer gets."""

    id: int
    text: str


def notify(customer_id: int, text: str) -> None:
    """Tell a customer something, now or when they come back."""
    with new_session.begin() as session:
        session.add(Notification(customer_id=customer_id, text=text))
    ring(f"customer:{customer_id}")


def unread(customer_id: int) -> list[News]:
    """Return what a customer has not read, the oldest first."""
    rows = (
        select(Notification)
        .where(Notification.customer_id == customer_id)
        .order_by(Notification.id)
        .limit(AT_A_TIME)
    )
    with new_session() as session:
        return [News(id=row.id, text=row.text) for row in session.scalars(rows)]


def mark_read(customer_id: int, notification_id: int) -> None:
    """Forget a notification; do nothing if it is somebody else's."""
    with new_session.begin() as session:
        session.execute(
            delete(Notification)
            .where(Notification.id == notification_id)
            .where(Notification.customer_id == customer_id)
        )
    ring(f"customer:{customer_id}")

"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI

from shop.database import new_session
from shop.models import Order
from shop.tasks import send_receipt

app = FastAPI(title="Shop")


@app.post("/orders", status_code=201)
def create(email: str) -> dict[str, int]:
    """Save an order, then have its receipt sent."""
    with new_session() as session:
        order = Order(email=email)
        session.add(order)
        session.commit()
        send_receipt.delay(order.id)
        return {"id": order.id}

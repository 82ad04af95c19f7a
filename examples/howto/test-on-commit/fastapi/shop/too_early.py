"""The FastAPI app, with a mistake."""

from fastapi import FastAPI

from shop.database import new_session
from shop.models import Order
from shop.tasks import send_receipt

app = FastAPI(title="Shop")


@app.post("/orders", status_code=201)
def create(email: str) -> dict[str, int]:
    """Have the receipt sent, then save the order."""
    with new_session.begin() as session:
        order = Order(email=email)
        session.add(order)
        session.flush()
        send_receipt.delay(order.id)
        return {"id": order.id}

"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI, HTTPException, status

from shop.dependencies import ClerkDep, RatesDep, SessionDep
from shop.models import Order
from shop.tasks import write_invoice

app = FastAPI(title="Shop")


@app.get("/orders/{order_id}/price")
def show_price(order_id: int, session: SessionDep, rates: RatesDep) -> int:
    """Tell what an order costs today, in cents of a euro, or answer 404."""
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(404, "no such order")
    return rates.in_euro(order.total_cents, order.currency)


@app.post("/orders/{order_id}/invoice", status_code=status.HTTP_202_ACCEPTED)
def create_invoice(order_id: int, clerk: ClerkDep) -> dict[str, str]:
    """Have an invoice written in the name of the clerk who asks."""
    return {"task_id": write_invoice.delay(order_id, clerk.id).id}

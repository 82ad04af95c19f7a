"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI, status

from shop.tasks import send_receipts

app = FastAPI()


@app.post("/receipts", status_code=status.HTTP_202_ACCEPTED)
def create(order_ids: list[int]) -> None:
    """Let workers send receipts, a hundred with each message."""
    for start in range(0, len(order_ids), 100):
        send_receipts.delay(order_ids[start : start + 100])

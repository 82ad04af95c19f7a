"""The FastAPI app: ``uvicorn shop.main:app --workers 2``."""

from fastapi import FastAPI, status

from shop.tasks import make_report, send_receipt

app = FastAPI()


@app.post("/orders/{order_id}/receipt", status_code=status.HTTP_202_ACCEPTED)
def create_receipt(order_id: int) -> dict[str, str]:
    """Let a worker send a receipt."""
    return {"task_id": send_receipt.delay(order_id).id}


@app.post("/reports/{year}", status_code=status.HTTP_202_ACCEPTED)
def create_report(year: int) -> dict[str, str]:
    """Let a worker make a report."""
    return {"task_id": make_report.delay(year).id}

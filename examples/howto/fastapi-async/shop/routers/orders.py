"""The receipts of orders, sent from both kinds of endpoint."""

from fastapi import APIRouter, status
from fastapi.concurrency import run_in_threadpool

from shop.tasks import send_receipt

router = APIRouter(prefix="/orders", tags=["orders"])


@router.post("/{order_id}/receipt", status_code=status.HTTP_202_ACCEPTED)
async def create_receipt(order_id: int) -> dict[str, str]:
    """Send the task from a thread, as this function runs on the event loop."""
    result = await run_in_threadpool(send_receipt.delay, order_id)
    return {"task_id": result.id}


@router.post("/{order_id}/copy", status_code=status.HTTP_202_ACCEPTED)
def create_copy(order_id: int) -> dict[str, str]:
    """Send the task here, as FastAPI runs this function in a thread."""
    return {"task_id": send_receipt.delay(order_id).id}

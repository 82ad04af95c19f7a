"""A shop whose Celery app only one thread finds; it needs no service."""

from celery import Celery, shared_task
from celery.result import AsyncResult
from fastapi import FastAPI

celery_app = Celery("shop", broker="memory://", backend="cache+memory://")
app = FastAPI()


@shared_task
def send_receipt(order_id: int) -> str:
    """Send the receipt of an order."""
    return f"sent receipt {order_id}"


@app.get("/async-def/{task_id}")
async def state_on_the_loop(task_id: str) -> str:
    """Ask the app that the thread of the event loop finds."""
    return AsyncResult(task_id).state


@app.get("/def/{task_id}")
def state_in_a_thread(task_id: str) -> str:
    """Run the same line in a thread."""
    return AsyncResult(task_id).state


@app.get("/named/{task_id}")
def state_of_the_named_app(task_id: str) -> str:
    """Ask the app that is named."""
    return celery_app.AsyncResult(task_id).state


@app.post("/async-def/{order_id}")
async def send_on_the_loop(order_id: int) -> bool:
    """Send a shared task from the thread of the event loop."""
    return bool(send_receipt.delay(order_id).id)


@app.post("/def/{order_id}")
def send_in_a_thread(order_id: int) -> bool:
    """Run the same line in a thread."""
    return bool(send_receipt.delay(order_id).id)

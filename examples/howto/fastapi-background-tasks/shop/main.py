"""The FastAPI app: ``uvicorn shop.main:app``."""

import asyncio

from fastapi import BackgroundTasks, FastAPI, status

from shop import labels, tasks

app = FastAPI(title="Shop")


@app.post("/labels/{order_id}/background", status_code=status.HTTP_202_ACCEPTED)
def print_in_background(order_id: int, background_tasks: BackgroundTasks) -> None:
    """Answer, then print the label in this process."""
    background_tasks.add_task(labels.print_label, order_id)


@app.post("/labels/{order_id}/celery", status_code=status.HTTP_202_ACCEPTED)
def print_with_celery(order_id: int) -> dict[str, str]:
    """Have a worker print the label, and tell its id."""
    return {"task_id": tasks.print_label.delay(order_id).id}


@app.post("/labels/{order_id}/celery-surely", status_code=status.HTTP_202_ACCEPTED)
def print_surely(order_id: int) -> dict[str, str]:
    """Have a worker print the label once at least, and tell its id."""
    return {"task_id": tasks.print_label_surely.delay(order_id).id}


@app.post("/labels/{order_id}/both", status_code=status.HTTP_202_ACCEPTED)
def print_with_both(order_id: int, background_tasks: BackgroundTasks) -> None:
    """Answer, then talk to the broker."""
    background_tasks.add_task(tasks.print_label.delay, order_id)


@app.post("/labels/{order_id}/on-the-loop", status_code=status.HTTP_202_ACCEPTED)
def print_on_the_loop(order_id: int, background_tasks: BackgroundTasks) -> None:
    """Answer, then stop all other requests: do not do this."""
    background_tasks.add_task(labels.print_label_on_the_loop, order_id)


@app.post("/labels/{order_id}/create-task", status_code=status.HTTP_202_ACCEPTED)
async def print_in_a_task_of_asyncio(order_id: int) -> None:
    """Leave the label to the event loop: do not do this."""
    asyncio.create_task(asyncio.to_thread(labels.print_label, order_id))  # noqa: RUF006


@app.get("/health")
async def health() -> str:
    """Tell that the event loop turns."""
    return "ok"


@app.get("/stock")
def stock() -> int:
    """Tell something that needs a thread."""
    return 3

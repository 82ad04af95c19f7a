"""A task that calls an endpoint of the app that waits for it. It fails, on purpose."""

import httpx2
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI, Request
from shop.celery_app import celery_app

app = FastAPI()
written: list[int] = []
SECONDS = 0.1


@celery_app.task
def write_over_http(url: str) -> None:
    """Have the web process do the work of this task."""
    httpx2.post(url, timeout=SECONDS).raise_for_status()


@app.post("/internal/{order_id}")
def write(order_id: int) -> None:
    """Do the work."""
    written.append(order_id)


@app.post("/async-def/{order_id}")
async def write_and_wait(order_id: int, request: Request) -> None:
    """Stop the event loop until the task has ended."""
    url = str(request.url_for("write", order_id=order_id))
    write_over_http.delay(url).get(timeout=10, interval=0.01)


@app.post("/def/{order_id}")
def write_and_wait_in_a_thread(order_id: int, request: Request) -> None:
    """Keep a thread until the task has ended."""
    url = str(request.url_for("write", order_id=order_id))
    write_over_http.delay(url).get(timeout=10, interval=0.01)


@app.post("/threads/{number}")
async def set_threads(number: int) -> None:
    """Set how many threads the ``def`` endpoints have; by default, 40."""
    current_default_thread_limiter().total_tokens = number

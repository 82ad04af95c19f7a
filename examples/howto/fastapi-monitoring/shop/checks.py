"""Questions that a load balancer and a monitoring system ask."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import APIRouter, HTTPException, Response
from kombu.exceptions import OperationalError
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shop.queues import QUEUES, queue_length, registry

T = TypeVar("T")
LIMIT = 1.0
# One thread: a broker that hangs must not take those of the endpoints.
broker_thread = ThreadPoolExecutor(max_workers=1)
router = APIRouter(include_in_schema=False)


async def ask_broker(function: Callable[..., T], *args: object) -> T:
    """Call a function that asks the broker, or answer 503 after a second."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LIMIT):
            return await loop.run_in_executor(broker_thread, function, *args)
    except (OperationalError, TimeoutError) as error:
        raise HTTPException(503, "the broker does not answer") from error


@router.get("/health")
async def health() -> str:
    """Say that this process answers."""
    return "ok"


@router.get("/ready")
async def ready() -> dict[str, int]:
    """Say how many messages wait, and so that the broker answers."""
    return {queue: await ask_broker(queue_length, queue) for queue in QUEUES}


@router.get("/metrics")
async def metrics() -> Response:
    """Say it in the words of Prometheus."""
    body = await ask_broker(generate_latest, registry)
    return Response(body, media_type=CONTENT_TYPE_LATEST)

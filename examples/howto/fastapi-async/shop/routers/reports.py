"""Reports: started, asked for, and called off."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter, status
from fastapi.concurrency import run_in_threadpool

from shop.celery_app import celery_app
from shop.tasks import make_report

router = APIRouter(prefix="/reports", tags=["reports"])


@router.post("/{year}", status_code=status.HTTP_202_ACCEPTED)
async def create(year: int) -> dict[str, str]:
    """Start a report, and answer at once."""
    result = await run_in_threadpool(make_report.delay, year)
    return {"task_id": result.id}


def read(task_id: UUID) -> dict[str, Any]:
    """Ask the result backend once; its answer holds the state and the result."""
    result = celery_app.AsyncResult(str(task_id))
    meta = result.backend.get_task_meta(result.id)
    done = meta["status"] == "SUCCESS"
    return {"state": meta["status"], "result": meta["result"] if done else None}


@router.get("/{task_id}")
def state(task_id: UUID) -> dict[str, Any]:
    """Tell how far a report is."""
    return read(task_id)


@router.get("/{task_id}/soon")
async def state_soon(task_id: UUID) -> dict[str, Any]:
    """Wait for a report for up to ten seconds, without a thread."""
    answer = await run_in_threadpool(read, task_id)
    for _ in range(100):
        if answer["state"] in {"SUCCESS", "FAILURE", "REVOKED"}:
            break
        await asyncio.sleep(0.1)
        answer = await run_in_threadpool(read, task_id)
    return answer


@router.delete("/{task_id}", status_code=status.HTTP_202_ACCEPTED)
async def cancel(task_id: UUID) -> None:
    """Tell the workers not to begin a report."""
    await run_in_threadpool(celery_app.control.revoke, str(task_id))

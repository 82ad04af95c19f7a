"""The state of a task."""

from fastapi import APIRouter

from shop.dependencies import StateDep
from shop.errors import problems
from shop.states import TaskState

router = APIRouter(tags=["tasks"])


@router.get("/tasks/{task_id}", responses=problems(404, 503))
def show_task(state: StateDep) -> TaskState:
    """Say what is known about a task."""
    return state

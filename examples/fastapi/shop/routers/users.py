"""Customers."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel

from shop.dependencies import SessionDep
from shop.errors import problems
from shop.models import User
from shop.tasks import archive_user

router = APIRouter(tags=["users"])


class Archiving(BaseModel):
    """The answer to a request that a worker completes."""

    id: int


@router.post("/users/{user_id:int}/archive", status_code=202, responses=problems(404, 503))
def archive(user_id: Annotated[int, Path(ge=1, le=2**31 - 1)], session: SessionDep) -> Archiving:
    """Have a customer archived."""
    # The shop has no log-in: in your application, check here who asks.
    user = session.get(User, user_id)
    if user is None:
        raise HTTPException(404, "no such user")
    archive_user.delay(user.id)
    return Archiving(id=user.id)

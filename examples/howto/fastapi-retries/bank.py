"""Stand for the bank: ``uvicorn bank:app``."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Body, FastAPI, Header, HTTPException

app = FastAPI()
charged: dict[str, int] = {}
keys: list[str] = []
trouble: list[int] = []
REFUSALS = {
    HTTPStatus.PAYMENT_REQUIRED: None,
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "7"},
}


@app.post("/charges", status_code=201)
def charge(
    cents: Annotated[int, Body(embed=True)], idempotency_key: Annotated[str, Header()]
) -> str:
    """Charge a card, unless this key has been charged; what answers then may be trouble."""
    keys.append(idempotency_key)
    status = trouble.pop(0) if trouble else HTTPStatus.CREATED
    if status not in REFUSALS:
        charged.setdefault(idempotency_key, cents)  # also if the client never hears of it
    if status != HTTPStatus.CREATED:
        raise HTTPException(status, headers=REFUSALS.get(status))
    return f"receipt of {idempotency_key}"


@app.post("/trouble/{status}")
def make_trouble(status: int) -> None:
    """Answer the next request like this."""
    trouble.append(status)


@app.get("/charged")
def tell() -> dict[str, int]:
    """Tell what was charged."""
    return charged

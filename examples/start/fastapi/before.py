"""The shop before Celery: the customer waits for the mail server."""

import time

from fastapi import FastAPI, status
from pydantic import BaseModel

app = FastAPI()


class NewOrder(BaseModel):
    """What a customer sends."""

    email: str


@app.post("/orders", status_code=status.HTTP_201_CREATED)
def create_order(new: NewOrder) -> NewOrder:
    """Send the receipt, then answer; 422 without an e-mail address."""
    time.sleep(2)  # a mail server on a slow day
    return new

"""The FastAPI app: ``uvicorn shop.main:app``."""

from typing import Annotated

from fastapi import Depends, FastAPI, status

from shop.config import Settings, get_settings
from shop.tasks import send_receipt

app = FastAPI()


@app.get("/mail-server")
def mail_server(settings: Annotated[Settings, Depends(get_settings)]) -> str:
    """Name the mail server."""
    return settings.mail.host


@app.post("/receipts", status_code=status.HTTP_202_ACCEPTED)
def create(email: str) -> dict[str, str]:
    """Let a worker send a receipt."""
    return {"task_id": send_receipt.delay(email).id}

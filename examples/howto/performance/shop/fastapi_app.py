"""FastAPI: ``uvicorn shop.fastapi_app:app``."""

from fastapi import FastAPI, HTTPException
from kombu.exceptions import OperationalError

from shop.tasks import send_receipt

app = FastAPI()


@app.post("/naive", status_code=202)
async def naive() -> str:
    """Send a receipt, and stop the event loop meanwhile."""
    return send_receipt.delay(1).id


@app.post("/recommended", status_code=202)
def recommended() -> str:
    """Send a receipt in a thread, and say so when that is not possible."""
    try:
        return send_receipt.delay(1).id
    except OperationalError:
        raise HTTPException(503, "try again later") from None


@app.get("/other")
async def other() -> str:
    """Answer what has nothing to do with tasks."""
    return "other"

"""Stand for the web service of the partners: ``uvicorn partner:app``."""

from fastapi import FastAPI

app = FastAPI()
heard: list[str] = []


@app.post("/{name}/{order_id}")
async def hear(name: str, order_id: int) -> str:
    """Hear of an order."""
    heard.append(f"{name} {order_id}")
    return f"{name} knows order {order_id}"


@app.get("/")
async def tell() -> list[str]:
    """Tell what the partners have heard."""
    return heard

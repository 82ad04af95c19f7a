"""The web server: ``uvicorn shop.main:app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shop.database import create_tables
from shop.routers import orders


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables before the first request; a shop in production has migrations."""
    create_tables()
    yield


def create_app() -> FastAPI:
    """Build the app."""
    app = FastAPI(lifespan=lifespan)
    app.include_router(orders.router)
    return app


app = create_app()

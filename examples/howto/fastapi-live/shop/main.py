"""The FastAPI app: ``uvicorn shop.main:app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from shop import bell
from shop.routers import imports, notifications


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Hear the bell while the app runs."""
    async with bell.listening():
        yield


def create_app() -> FastAPI:
    """Build the app."""
    app = FastAPI(title="Shop", lifespan=lifespan)
    app.include_router(imports.router)
    app.include_router(notifications.router)
    return app


app = create_app()

"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI

from shop.routers import orders, reports


def create_app() -> FastAPI:
    """Build the app."""
    app = FastAPI(title="Shop")
    app.include_router(orders.router)
    app.include_router(reports.router)
    return app


app = create_app()

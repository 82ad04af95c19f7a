"""The FastAPI app: ``uvicorn shop.main:app``."""

from fastapi import FastAPI

from shop.config import Settings, get_settings
from shop.routers import reports


def create_app(settings: Settings) -> FastAPI:
    """Build the app."""
    app = FastAPI(
        title="Shop",
        openapi_url="/openapi.json" if settings.docs else None,
        max_body_size=settings.max_body_size,
    )
    app.include_router(reports.router)
    return app


app = create_app(get_settings())

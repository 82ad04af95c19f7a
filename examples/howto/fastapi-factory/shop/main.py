"""The factory of FastAPI apps: ``uvicorn shop.main:create_app --factory``."""

from fastapi import FastAPI

from shop import orders
from shop.celery_app import create_celery
from shop.config import Settings, get_settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the app of one tenant, from the environment if there are no settings.

    Raises pydantic.ValidationError if a variable is wrong.
    """
    settings = settings or get_settings()
    app = FastAPI(title=f"The {settings.tenant}")
    app.state.celery = create_celery(settings)
    app.include_router(orders.router)
    return app

"""Two tenants in one web process: ``uvicorn shop.mall:create_mall --factory``."""

from fastapi import FastAPI

from shop.config import Settings, get_settings
from shop.main import create_app

TENANTS = ("bakery", "florist")


def create_mall(settings: Settings | None = None) -> FastAPI:
    """Build an app for each tenant, with what they have in common.

    Raises pydantic.ValidationError if a variable is wrong.
    """
    common = settings or get_settings()
    mall = FastAPI(openapi_url=None)
    for tenant in TENANTS:
        settings = common.model_copy(update={"tenant": tenant})
        mall.mount(f"/{tenant}", create_app(settings))
    return mall

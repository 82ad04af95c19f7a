"""The FastAPI app: ``uvicorn shop.main:app``."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from shop.config import Settings, get_settings
from shop.errors import PROBLEM, add_error_handlers
from shop.middleware import LimitBody, SecurityHeaders
from shop.routers import cancel, events, images, orders, reports, status, users

FOLDER = Path(__file__).parent
DOCS = "/docs"


def create_app(settings: Settings) -> FastAPI:
    """Build the app. What the worker needs, too, is not here but in modules that both import."""
    app = FastAPI(
        title="Shop",
        version="1.0",
        docs_url=DOCS,
        redoc_url=None,
        redirect_slashes=False,
        # With a default, FastAPI describes no 422, and there is none: those requests answer 400.
        responses={"default": {"description": "What went wrong", **PROBLEM}},
    )
    for routes in (cancel, events, images, orders, reports, status, users):
        app.include_router(routes.router)
    app.mount("/static", StaticFiles(directory=FOLDER / "static"))
    app.add_middleware(LimitBody, limit=settings.max_body_size)
    app.add_middleware(SecurityHeaders, exempt=DOCS)
    add_error_handlers(app)
    return app


app = create_app(get_settings())

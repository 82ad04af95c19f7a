"""The FastAPI app: ``uvicorn shop.main:app``."""

import logging

from fastapi import APIRouter, FastAPI

from shop import checks, logs
from shop.middleware import RequestId
from shop.tasks import make_report

logger = logging.getLogger(__name__)
router = APIRouter()


@router.post("/reports/{year}", status_code=202)
def create_report(year: int) -> None:
    """Start a report."""
    logger.info("report of %d asked for", year)
    make_report.delay(year)


def create_app() -> FastAPI:
    """Build the app."""
    logs.configure()
    app = FastAPI(title="Shop")
    app.include_router(router)
    app.include_router(checks.router)
    app.add_middleware(RequestId)
    return app


app = create_app()

"""The FastAPI app: ``uvicorn shop.fastapi_app:app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

from shop.tasks import make_report
from shop.tracing import configure, flush


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Send the last spans, as uvicorn ends by its signal, without `atexit`."""
    yield
    flush()


configure()
app = FastAPI(lifespan=lifespan)
FastAPIInstrumentor.instrument_app(app)


@app.post("/reports/{year}", status_code=202)
def create_report(year: int) -> None:
    """Start a report."""
    make_report.delay(year)

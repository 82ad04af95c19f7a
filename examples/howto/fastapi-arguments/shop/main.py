"""The web server: ``uvicorn shop.main:app``."""

from fastapi import FastAPI

from shop.routers import quotes

app = FastAPI()
app.include_router(quotes.router)

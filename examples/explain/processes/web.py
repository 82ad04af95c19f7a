"""Two web apps that say where a request is answered."""

import os
import threading

from fastapi import FastAPI
from flask import Flask
from shop.tasks import has_loop

IMPORTED_BY = os.getpid()
flask_app = Flask(__name__)
fastapi_app = FastAPI()


def where() -> dict[str, int | bool]:
    """Say where this runs."""
    return {
        "pid": os.getpid(),
        "imported by": IMPORTED_BY,
        "main thread": threading.current_thread() is threading.main_thread(),
        "loop": has_loop(),
    }


@flask_app.get("/def")
def flask_view() -> dict[str, int | bool]:
    """Answer in Flask."""
    return where()


@fastapi_app.get("/def")
def endpoint() -> dict[str, int | bool]:
    """Answer in FastAPI, in a function that may block."""
    return where()


@fastapi_app.get("/async-def")
async def async_endpoint() -> dict[str, int | bool]:
    """Answer in FastAPI, in a function that must not."""
    return where()

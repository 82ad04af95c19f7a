"""A program: which Celery app an endpoint finds in FastAPI."""

import sys

from celery import Celery, current_app
from fastapi import FastAPI
from fastapi.testclient import TestClient

app = FastAPI()
celery_app = Celery("shop", broker="memory://")
celery_app.set_default()


@app.get("/app")
def which_app() -> str:
    """Name the app that this thread finds."""
    return current_app.main


def main() -> None:
    """Print what this thread finds, and what a ``def`` endpoint finds in its thread."""
    answer = TestClient(app).get("/app").json()
    sys.stdout.write(f"this thread: {current_app.main}, a request: {answer}\n")


if __name__ == "__main__":
    main()

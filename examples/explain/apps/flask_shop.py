"""A program: which Celery app a request finds in Flask."""

import sys
from concurrent.futures import ThreadPoolExecutor

from celery import Celery, current_app
from flask import Flask

app = Flask("shop")
celery_app = Celery("shop", broker="memory://")
celery_app.set_default()


@app.get("/app")
def which_app() -> str:
    """Name the app that this thread finds."""
    return current_app.main


def main() -> None:
    """Print what this thread finds, and what a request finds in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(app.test_client().get, "/app").result()
    sys.stdout.write(f"this thread: {current_app.main}, a request: {answer.text}\n")


if __name__ == "__main__":
    main()

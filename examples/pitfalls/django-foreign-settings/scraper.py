"""A Celery app that has nothing to do with Django."""

from celery import Celery

app = Celery("scraper")


@app.task
def fetch(url: str) -> str:
    """Fetch a page."""
    return f"fetched {url}"

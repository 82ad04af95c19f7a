"""A Celery app that stays out of Django, whatever the environment says."""

from celery import Celery

app = Celery("scraper", fixups=[])


@app.task
def fetch(url: str) -> str:
    """Fetch a page."""
    return f"fetched {url}"

"""Whole URLs, outside of a request."""

from shop.config import settings


def site_url(name: str, **parameters: str) -> str:
    """Return the URL of an endpoint; raises starlette.routing.NoMatchFound."""
    from shop.main import app  # here, as the endpoints import the tasks

    path = app.url_path_for(name, **parameters)
    return str(path.make_absolute_url(settings.site_url))

"""The Flask app: ``flask --app shop.flask_app run``."""

import logging

from flask import Flask, Response, request

from shop.ids import NONE, accept, request_id
from shop.logs import configure
from shop.tasks import make_report

logger = logging.getLogger(__name__)


def follow_requests(app: Flask) -> None:
    """Give each request an id, or keep the one that the proxy gave it."""

    @app.before_request
    def begin() -> None:
        request_id.set(accept(request.headers.get("X-Request-ID")))

    @app.after_request
    def say(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id.get()
        return response

    @app.teardown_request
    def end(error: BaseException | None) -> None:  # noqa: ARG001 (Flask gives it)
        request_id.set(NONE)


def create_app() -> Flask:
    """Build the app."""
    configure()
    app = Flask(__name__)
    follow_requests(app)

    @app.post("/reports/<int:year>")
    def create_report(year: int) -> tuple[str, int]:
        logger.info("report of %d asked for", year)
        make_report.delay(year)
        return "", 202

    return app

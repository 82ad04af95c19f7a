"""The Flask app: ``flask --app shop.flask_app run``."""

from flask import Flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor

from shop.tasks import make_report
from shop.tracing import configure


def create_app() -> Flask:
    """Build the app."""
    configure()
    app = Flask(__name__)
    FlaskInstrumentor().instrument_app(app)

    @app.post("/reports/<int:year>")
    def create_report(year: int) -> tuple[str, int]:
        make_report.delay(year)
        return "", 202

    return app

"""A factory that imports the views where it needs them, which does not help."""

from flask import Flask


def create_app() -> Flask:
    """Create the shop."""
    from shop.views import bp

    app = Flask(__name__)
    app.register_blueprint(bp)
    return app

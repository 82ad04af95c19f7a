"""The configuration, one class per environment. Variables that begin with ``FLASK_`` win over it."""

from typing import ClassVar

# These have no default that is right for every installation.
REQUIRED = (
    "CELERY__broker_url",
    "CELERY__result_backend",
    "MAIL_DEFAULT_SENDER",
    "MAIL_SERVER",
    "SQLALCHEMY_DATABASE_URI",
)


class Development:
    """Everything on this machine."""

    IMAGE_FOLDER = "images"
    MAIL_DEFAULT_SENDER = "shop@example.org"
    MAIL_PORT = 1025
    MAIL_SERVER = "127.0.0.1"
    MAX_CONTENT_LENGTH = 5 * 1024 * 1024
    SQLALCHEMY_DATABASE_URI = "sqlite:///shop.db"
    WEBHOOK_URL = ""


class Production(Development):
    """Nothing on this machine: what is empty here must come from the environment."""

    CELERY: ClassVar[dict[str, str]] = {"broker_url": "", "result_backend": ""}
    MAIL_DEFAULT_SENDER = ""
    MAIL_PORT = 587
    MAIL_SERVER = ""
    MAIL_USE_TLS = True
    SQLALCHEMY_DATABASE_URI = ""
    # The database may have been restarted since the last task.
    SQLALCHEMY_ENGINE_OPTIONS: ClassVar[dict[str, bool]] = {"pool_pre_ping": True}

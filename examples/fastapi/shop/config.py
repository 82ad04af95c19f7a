"""The settings of the web server, the worker and beat: variables that begin with ``SHOP_``."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# The values of ssl_cert_reqs with which a certificate is checked.
CHECKING = ("required", "optional", "CERT_REQUIRED", "CERT_OPTIONAL")


def check_tls(url: str) -> str:
    """Return a URL, or several. Raises ValueError if one would check no certificate."""
    for one in url.split(";"):
        parts = urlsplit(one)
        asked_for = parse_qs(parts.query).get("ssl_cert_reqs", [""])[-1]
        if parts.scheme == "rediss" and asked_for not in CHECKING:
            message = "write ?ssl_cert_reqs=required behind each rediss:// URL"
            raise ValueError(message)
    return url


CheckedUrl = Annotated[str, AfterValidator(check_tls)]


class Settings(BaseSettings):
    """Everything on this machine."""

    # A variable that is there and empty counts as missing. An error shows no values: one of them
    # is a password.
    model_config = SettingsConfigDict(
        env_prefix="SHOP_", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: str = "sqlite:///shop.db"
    broker_url: CheckedUrl = "redis://127.0.0.1:6379/0"
    # RabbitMQ: delay() returns when the broker has the message, or fails. Redis ignores these.
    broker_transport_options: dict[str, Any] = {
        "confirm_publish": True,
        "read_timeout": 5,
        "write_timeout": 5,
    }
    result_backend: CheckedUrl = "redis://127.0.0.1:6379/0"
    result_backend_transport_options: dict[str, Any] = {}
    image_folder: Path = Path("images")
    max_body_size: int = 5 * 1024 * 1024
    mail_host: str = "127.0.0.1"
    mail_port: int = 1025
    mail_starttls: bool = False
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_sender: str = "shop@example.org"
    webhook_url: str = ""


class Production(Settings):
    """Nothing on this machine: what has no value here must come from the environment."""

    database_url: str
    broker_url: CheckedUrl
    result_backend: CheckedUrl
    mail_host: str
    mail_port: int = 587
    mail_starttls: bool = True
    mail_sender: str


KINDS: dict[str, type[Settings]] = {"development": Settings, "production": Production}


@lru_cache
def get_settings() -> Settings:
    """Read the settings, once in each process.

    Raises pydantic.ValidationError for a variable that is missing or wrong.
    """
    return KINDS[os.environ.get("SHOP_ENVIRONMENT", "development")]()

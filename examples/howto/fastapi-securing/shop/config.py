"""Settings of the web server and the worker, from variables that begin with ``SHOP_``."""

from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ApiKey = Annotated[SecretStr, Field(min_length=32)]


def check_tls(url: str) -> str:
    """Return a URL, or several. Raises ValueError if one asks for TLS with anybody who answers."""
    for one in url.split(";"):
        parts = urlsplit(one)
        asked_for = parse_qs(parts.query).get("ssl_cert_reqs")
        if parts.scheme == "rediss" and asked_for != ["required"]:
            message = "add ?ssl_cert_reqs=required"
            raise ValueError(message)
    return url


RedisUrl = Annotated[str, AfterValidator(check_tls)]


class Settings(BaseSettings):
    """What differs from machine to machine. An error shows no values."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", hide_input_in_errors=True)

    api_keys: dict[str, ApiKey] = {}
    database_url: str = "sqlite:///shop.db"
    broker_url: RedisUrl = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: RedisUrl = "redis://127.0.0.1:6379/0"
    docs: bool = False
    max_body_size: int = 10_000
    reports_per_hour: int = 10


@lru_cache
def get_settings() -> Settings:
    """Read the settings once. Raises pydantic.ValidationError for one that is wrong."""
    return Settings()

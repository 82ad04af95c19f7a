"""Settings of the web server and the worker, from variables that begin with ``SHOP_``."""

from functools import lru_cache
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", hide_input_in_errors=True)

    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"


@lru_cache
def get_settings() -> Settings:
    """Read the settings once.

    Raises pydantic.ValidationError for a variable that is wrong.
    """
    return Settings()

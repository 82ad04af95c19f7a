"""Settings of the web process and the worker, from variables that begin with ``SHOP_``."""

from functools import lru_cache
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_")

    database_url: str = "sqlite:///shop.db"
    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"


@lru_cache
def get_settings() -> Settings:
    """Read the settings once."""
    return Settings()

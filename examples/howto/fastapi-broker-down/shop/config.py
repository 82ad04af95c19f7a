"""Settings of the web process and the worker, from variables that begin with ``SHOP_``."""

from functools import lru_cache
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_")

    database_url: str = "sqlite:///shop.db"
    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
    }
    late_seconds: int = 300
    result_backend: str = "redis://127.0.0.1:6379/0"
    result_backend_transport_options: dict[str, Any] = {}


@lru_cache
def get_settings() -> Settings:
    """Read the settings once."""
    return Settings()

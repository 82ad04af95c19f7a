"""The settings of the web server, the worker and beat, from variables that begin with SHOP_."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_")

    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"
    database: str = "shop.db"  # a file of SQLite, or postgresql://user@host/name, no password
    backup_folder: Path = Path("backups")
    admin_key: SecretStr = SecretStr("")  # without one, nobody is let in


@lru_cache
def get_settings() -> Settings:
    """Read the settings once."""
    return Settings()

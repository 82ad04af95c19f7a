"""The settings of the web server and the worker, from variables that begin with SHOP_."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_")

    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"
    pool_start_method: Literal["fork", "spawn"] = "fork"
    job_folder: Path = Path("jobs")
    model_file: Path = Path("model.npz")


@lru_cache
def get_settings() -> Settings:
    """Read the settings once."""
    return Settings()

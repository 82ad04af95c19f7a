"""Settings of the web server and the worker, from variables that begin with ``SHOP_``."""

from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_", env_ignore_empty=True)

    mail_seconds: float = 0
    month_seconds: float = 0
    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"


class FlowerSettings(BaseSettings):
    """The one user of Flower; the web server and the worker do not need the password."""

    model_config = SettingsConfigDict(env_prefix="SHOP_FLOWER_", hide_input_in_errors=True)

    user: str = "shop"
    password: SecretStr = Field(min_length=12)


settings = Settings()

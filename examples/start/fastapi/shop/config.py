"""The settings of the web server and the worker, from variables that begin with SHOP_."""

from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What differs from machine to machine."""

    model_config = SettingsConfigDict(env_prefix="SHOP_")

    mail_seconds: float = 2
    broker_url: str = "filesystem://"
    broker_transport_options: dict[str, Any] = {
        "data_folder_in": "queue",
        "data_folder_out": "queue",
        "polling_interval": 0.1,
    }
    result_backend: str = "file://results"


settings = Settings()

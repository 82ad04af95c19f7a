"""The settings: variables that begin with ``SHOP_``."""

from typing import Any

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Everything on this machine."""

    model_config = {"env_prefix": "SHOP_", "hide_input_in_errors": True}

    # Where customers reach this site. The worker needs it, too.
    site_url: str = "http://127.0.0.1:8000"
    allowed_hosts: list[str] = ["127.0.0.1", "localhost"]
    broker_url: str = "redis://127.0.0.1:6379/0"
    broker_transport_options: dict[str, Any] = {}
    result_backend: str = "redis://127.0.0.1:6379/0"


settings = Settings()

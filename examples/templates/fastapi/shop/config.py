"""The settings of all processes: variables that begin with ``SHOP_``, or .env."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# On a server there is no such file.
ENV_FILE: Path | None = Path(__file__).parent.parent / ".env"


class Settings(BaseSettings):
    """What differs from machine to machine. What has no default must be set."""

    # A variable that is there and empty counts as missing. An error shows no values: one of them
    # may be a password.
    model_config = SettingsConfigDict(
        env_prefix="SHOP_", env_ignore_empty=True, hide_input_in_errors=True
    )

    broker_url: SecretStr
    # In seconds. Without them, a silent Redis holds a request or a worker for ever.
    broker_transport_options: dict[str, Any] = {"socket_connect_timeout": 5, "socket_timeout": 5}
    result_backend: SecretStr
    result_backend_transport_options: dict[str, Any] = {}


@lru_cache
def get_settings() -> Settings:
    """Read the settings, once in each process.

    Raises pydantic.ValidationError for a variable that is missing or wrong.
    """
    return Settings(_env_file=ENV_FILE)

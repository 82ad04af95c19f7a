"""Settings of the web server and the worker: variables that begin with ``SHOP_``."""

import os
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ENV_FILE: Path | None = Path(__file__).parent.parent / ".env"


class Mail(BaseModel):
    """The mail server: ``SHOP_MAIL__HOST``, ``SHOP_MAIL__STARTTLS``."""

    model_config = ConfigDict(extra="forbid")

    host: str = "127.0.0.1"
    starttls: bool = True


class Settings(BaseSettings):
    """What differs from machine to machine. What has no default must be set."""

    model_config = SettingsConfigDict(
        env_prefix="SHOP_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    broker_url: SecretStr
    broker_transport_options: dict[str, Any] = {}
    result_backend: SecretStr
    result_expires: timedelta = timedelta(days=1)
    mail: Mail = Mail()
    mail_password: SecretStr = SecretStr("")


def refuse_unknown_variables() -> None:
    """Raise RuntimeError for variables that only look like settings of the shop."""
    known = {f"SHOP_{name}".upper() for name in Settings.model_fields}
    unknown = [
        name
        for name in sorted(os.environ)
        if name.upper().startswith("SHOP_") and name.upper().partition("__")[0] not in known
    ]
    if unknown:
        message = f"Not settings of the shop: {', '.join(unknown)}"
        raise RuntimeError(message)


@lru_cache
def get_settings() -> Settings:
    """Read the settings, once in each process.

    Raises pydantic.ValidationError for a variable that is missing or wrong,
    pydantic_settings.SettingsError for one that is not JSON, RuntimeError for an unknown one.
    """
    refuse_unknown_variables()
    secrets = os.environ.get("CREDENTIALS_DIRECTORY")
    return Settings(_env_file=ENV_FILE, _secrets_dir=secrets)

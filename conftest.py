"""The eager Celery configuration, and the switch of the verifier."""

from __future__ import annotations

import pytest

pytest_plugins = ["verify.plugin"]

# What an app of an inline snippet has in the eager lane unless the snippet says otherwise.
EAGER = {
    "task_always_eager": True,
    "task_eager_propagates": True,
    "task_store_eager_result": True,
}


def pytest_configure(config: pytest.Config) -> None:
    """Hand the eager configuration to the verifier."""
    from verify.plugin import EAGER_SETTINGS

    config.stash[EAGER_SETTINGS] = EAGER

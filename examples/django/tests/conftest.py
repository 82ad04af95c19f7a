"""For pytest: ``pytest`` and ``pytest --lane worker``."""

import pytest

from tests.lanes import LANES, choose


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses the lane."""
    parser.addoption("--lane", choices=list(LANES), default="eager", help="how tasks run")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the lane."""
    choose(config.getoption("--lane"))

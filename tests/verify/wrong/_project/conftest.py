"""The option that every project has."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Choose the lane."""
    parser.addoption("--lane", default="eager")

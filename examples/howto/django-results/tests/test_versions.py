"""The environment of these tests is the one that the project asks for."""

import tomllib
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import Requirement


def test_each_installed_version_is_one_that_the_project_asks_for() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    assert [str(one) for one in wanted if version(one.name) not in one.specifier] == []

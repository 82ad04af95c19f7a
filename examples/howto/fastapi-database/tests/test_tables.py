"""The command that creates the tables."""

import runpy

import pytest
from shop import create_tables
from sqlalchemy import Engine, create_engine, inspect


def test_the_tables_are_created(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = create_engine(f"{database.url}.new")
    monkeypatch.setattr("shop.database.engine", empty)
    runpy.run_path(create_tables.__file__, run_name="__main__")
    assert inspect(empty).get_table_names() == ["orders"]
    empty.dispose()

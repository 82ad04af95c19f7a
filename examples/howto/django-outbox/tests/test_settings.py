"""Where the database is."""

from config.settings import BASE_DIR, database


def test_a_url_names_postgresql() -> None:
    assert database("postgresql://shop:p%40ss@db.example:5433/shop") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "shop",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": 5433,
    }


def test_without_a_url_it_is_a_file() -> None:
    settings = database("")
    assert settings["NAME"] == BASE_DIR / "db.sqlite3"
    assert settings["OPTIONS"] == {"transaction_mode": "IMMEDIATE"}

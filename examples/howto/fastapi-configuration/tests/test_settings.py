"""Where a value comes from, and what is refused."""

import os
import runpy
from datetime import timedelta
from pathlib import Path

import pytest
from celery import Celery
from pydantic import RedisDsn, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsError
from shop import celery_app as celery_app_module
from shop import config
from shop.celery_app import KNOWN, celery_config, refuse_ignored_settings
from shop.config import Settings, get_settings, refuse_unknown_variables

import conftest

FILE = """\
SHOP_BROKER_URL=redis://file/0
SHOP_RESULT_BACKEND=redis://file/1
SHOP_MAIL__HOST=file
"""


@pytest.fixture
def env_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a .env file that ``get_settings()`` reads, and unset the variables."""
    path = tmp_path / ".env"
    path.write_text(FILE)
    for name in conftest.ENVIRONMENT:
        monkeypatch.delenv(name)
    monkeypatch.setattr(config, "ENV_FILE", path)
    return path


def read() -> Settings:
    """Read the settings anew."""
    return get_settings.__wrapped__()


def test_the_types(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read().result_expires == timedelta(days=1)
    assert read().mail.starttls is True
    assert read().broker_transport_options == {}
    assert read().mail_password == SecretStr("")
    monkeypatch.setenv("SHOP_RESULT_EXPIRES", "PT1H")
    monkeypatch.setenv("SHOP_MAIL__STARTTLS", "False")
    monkeypatch.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", '{"visibility_timeout": 7200}')
    settings = read()
    assert settings.result_expires == timedelta(hours=1)
    assert settings.mail.starttls is False
    assert settings.broker_transport_options == {"visibility_timeout": 7200}
    config = celery_config(settings)
    assert config["broker_transport_options"] == {"visibility_timeout": 7200}
    assert config["result_expires"] == timedelta(hours=1)


@pytest.mark.parametrize("value", ["3600", "1 hour", "yes"])
def test_seconds_alone_are_no_duration(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SHOP_RESULT_EXPIRES", value)
    with pytest.raises(ValidationError, match="Input should be a valid timedelta"):
        read()


@pytest.mark.parametrize(("value", "meaning"), [("1:00:00", 3600), ("1 day", 86400)])
def test_other_durations(monkeypatch: pytest.MonkeyPatch, value: str, meaning: int) -> None:
    monkeypatch.setenv("SHOP_RESULT_EXPIRES", value)
    assert read().result_expires == timedelta(seconds=meaning)


def test_a_part_of_a_dict_is_a_string(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT", "7200")
    assert read().broker_transport_options == {"visibility_timeout": "7200"}


def test_what_is_not_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_TRANSPORT_OPTIONS", "{'visibility_timeout': 7200}")
    message = 'error parsing value for field "broker_transport_options" from source'
    with pytest.raises(SettingsError, match=message):
        read()


def test_what_has_no_default_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_URL", "")  # as good as missing
    monkeypatch.setenv("SHOP_MAIL_PASSWORD", "wrong-pony")
    with pytest.raises(
        ValidationError, match=r"^1 validation error for Settings\nbroker_url\n"
    ) as e:
        read()
    assert "wrong-pony" not in str(e.value)
    monkeypatch.delenv("SHOP_RESULT_BACKEND")
    with pytest.raises(ValidationError, match=r"^2 validation errors for Settings\nbroker_url\n"):
        read()


def test_a_secret_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BROKER_URL", "redis://:wrong-pony@127.0.0.1/0")
    monkeypatch.setenv("SHOP_MAIL_PASSWORD", "wrong-pony")
    settings = read()
    assert "wrong-pony" not in repr(settings)
    assert settings.mail_password.get_secret_value() == "wrong-pony"
    assert celery_config(settings)["broker_url"] == "redis://:wrong-pony@127.0.0.1/0"


def test_which_value_wins(env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broker() -> str:
        return read().broker_url.get_secret_value()

    secret = tmp_path / "shop_broker_url"
    secret.write_text("redis://secret/0\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert broker() == "redis://file/0"
    env_file.write_text(FILE.replace("SHOP_BROKER_URL", "SHOP_MAIL_PASSWORD"))
    assert broker() == "redis://secret/0"
    monkeypatch.setenv("SHOP_BROKER_URL", "redis://variable/0")
    assert broker() == "redis://variable/0"
    settings = Settings(broker_url="argument", result_backend="argument")
    assert settings.broker_url.get_secret_value() == "argument"


@pytest.mark.usefixtures("env_file")
def test_the_file_is_read_whatever_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    assert read().mail.host == "file"


def test_the_file_is_in_the_folder_of_the_project() -> None:
    root = Path(__file__).parent.parent
    assert Path(config.__file__).parent.parent == root
    assert 'ENV_FILE: Path | None = Path(__file__).parent.parent / ".env"' in (
        Path(config.__file__).read_text()
    )
    assert (root / ".gitignore").read_text().split() == [".env"]


def test_a_relative_file_depends_on_the_folder(
    env_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Relative(BaseSettings, env_file=".env", extra="ignore"):
        shop_broker_url: str = "redis://127.0.0.1:6379/0"

    monkeypatch.chdir(env_file.parent)
    assert Relative().shop_broker_url == "redis://file/0"
    monkeypatch.chdir(tmp_path.parent)
    assert Relative().shop_broker_url == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize("line", ["SHOP_BROKER_ULR=x", "POSTGRES_USER=shop", "CELERY_BROKER_URL=x"])
def test_a_file_has_settings_of_the_shop_only(env_file: Path, line: str) -> None:
    env_file.write_text(f"{FILE}{line}\n")
    name = line.partition("=")[0].lower()
    with pytest.raises(ValidationError, match=f"{name}\n  Extra inputs are not permitted"):
        read()


def test_the_example_is_complete(env_file: Path) -> None:
    text = Path(__file__).parent.parent.joinpath(".env.example").read_text()
    env_file.write_text(text)
    settings = read()
    assert settings.broker_url.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert settings.result_backend.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert settings.result_expires == timedelta(hours=1)
    assert settings.mail.starttls is False


def test_a_secret_file_is_for_a_setting_of_the_first_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.joinpath("shop_mail_password").write_text("wrong-pony\n")
    tmp_path.joinpath("shop_mail__host").write_text("ignored\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read().mail_password.get_secret_value() == "wrong-pony"
    assert read().mail.host == "127.0.0.1"


@pytest.mark.parametrize("name", ["SHOP_BROKER_ULR", "shop_broker_ulr", "SHOP_MIAL__HOST"])
def test_an_unknown_variable_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert Settings().mail.host == "127.0.0.1"  # pydantic-settings passes it over
    with pytest.raises(RuntimeError, match=f"^Not settings of the shop: {name}$"):
        read()


def test_all_unknown_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("shop_mail__host", "x")  # known, also in lower case
    refuse_unknown_variables()
    monkeypatch.setenv("SHOP_SENDER", "x")
    monkeypatch.setenv("SHOP_COLOUR", "x")
    with pytest.raises(RuntimeError, match=r"^Not settings of the shop: SHOP_COLOUR, SHOP_SENDER$"):
        refuse_unknown_variables()


def test_an_unknown_part_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_MAIL__HOTS", "x")
    refuse_unknown_variables()
    with pytest.raises(ValidationError, match=r"mail\.hots\n  Extra inputs are not permitted"):
        read()


def test_no_setting_of_celery_is_ignored() -> None:
    refuse_ignored_settings(celery_config(read()))
    message = r"^Not in Celery's list of settings: BROKER_URL, a, b, c, x$"
    with pytest.raises(RuntimeError, match=message):
        refuse_ignored_settings(["x", "broker_url", "c", "BROKER_URL", "b", "a"])
    assert len(KNOWN) > 150


def test_variables_that_celery_reads_itself_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"CELERY_{name}" for name in ("BROKER_URL", "BROKER_READ_URL", "BROKER_WRITE_URL")]
    names.append("CELERY_RESULT_BACKEND")
    for name in names:
        monkeypatch.setenv(name, "")  # as good as missing
    refuse_ignored_settings([])
    for name in names:
        monkeypatch.setenv(name, "redis://elsewhere/0")
    message = f"^Unset these, they override the settings: {', '.join(names)}$"
    with pytest.raises(RuntimeError, match=message):
        runpy.run_path(celery_app_module.__file__)


def test_the_tests_take_nothing_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP_MAIL__HOST", "CELERY_BROKER_URL", "CREDENTIALS_DIRECTORY"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setattr(config, "ENV_FILE", Path("elsewhere"))
    conftest.bring_settings()
    assert config.ENV_FILE is None
    assert {name: os.environ[name] for name in os.environ if name.startswith("SHOP_")} == (
        conftest.ENVIRONMENT
    )
    assert not {"CELERY_BROKER_URL", "CREDENTIALS_DIRECTORY"} & set(os.environ)


def test_the_celery_app_has_the_settings(celery_app: Celery) -> None:
    assert celery_app.conf.broker_url == "memory://"
    assert celery_app.conf.result_backend == "cache+memory://"
    assert celery_app.conf.result_expires == timedelta(days=1)
    assert celery_app.conf.task_ignore_result is True
    assert celery_app.conf.include == ["shop.tasks"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_celery_cannot_report_a_settings_object() -> None:
    class Plain(BaseSettings):
        broker_url: str = "redis://127.0.0.1:6379/0"

    app = Celery("demo", set_as_current=False)
    app.config_from_object(Plain())
    assert app.conf.broker_url == "redis://127.0.0.1:6379/0"
    with pytest.raises(KeyError, match=r"^'__signature__'$"):
        app.bugreport()


def test_a_folder_that_is_not_there_is_a_warning() -> None:
    with pytest.warns(UserWarning, match='^directory "nowhere" does not exist$'):
        Settings(_secrets_dir="nowhere")


def test_a_dsn_is_for_one_kind_of_broker() -> None:
    with pytest.raises(ValidationError, match="URL scheme should be 'redis' or 'rediss'"):
        TypeAdapter(RedisDsn).validate_python("memory://")

"""What the rules about settings say, and above all what they leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from celery import _state

from checkup.command import load_rules
from checkup.finding import RULES
from checkup.project import Project
from checkup.source import read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Check = Callable[..., list[str]]

load_rules()
HEAD = "import os\nfrom celery import Celery\n"
BROKER = HEAD + 'celery_app = Celery("shop", broker="redis://127.0.0.1")\n'
TASK = "@celery_app.task\ndef tidy(): pass\n"


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave this process as it was, and have none of Celery's variables in it."""
    for name in ("CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    # Every app gets the tasks of all the others otherwise.
    monkeypatch.setattr("celery._state._on_app_finalizers", set())
    current = _state.get_current_app()
    yield
    current.set_current()


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Return the lines that a rule finds something in, of a module ``shop.py`` that is run, or of another one."""

    def lines(code: str, text: str, name: str = "shop.py", **more: str) -> list[str]:
        project = Project(tmp_path, "flask", "shop:celery_app")
        for file, content in {
            name: text,
            **{f"{at}.py": other for at, other in more.items()},
        }.items():
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            project.sources.append(read(path, tmp_path))
        if RULES[code].needs_app:
            module: dict[str, Any] = {"__name__": "shop"}
            exec(compile(text, tmp_path / name, "exec"), module)  # noqa: S102 - as a worker imports it
            project.app = module["celery_app"]
            project.app.finalize()
        places = list(RULES[code].check(project))
        assert all(place.message for place in places)
        found = text.splitlines()
        return [found[place.line - 1] if place.line else place.message for place in places]

    return lines


def test_no_broker(check: Check) -> None:
    assert check("CK301", HEAD + 'celery_app = Celery("shop")') == ['celery_app = Celery("shop")']


def test_no_broker_as_a_variable_is_not_set(check: Check, tmp_path: Path) -> None:
    for value in ('os.environ.get("SHOP_NO_SUCH")', 'os.getenv("SHOP_NO_SUCH", "")'):
        line = f'celery_app = Celery("shop", broker={value})'
        assert check("CK301", HEAD + line) == [line]


@pytest.mark.parametrize(
    "lines",
    [
        'celery_app = Celery("shop", broker="memory://")',
        'celery_app = Celery("shop")\ncelery_app.conf.broker_url = "memory://"',
        'celery_app = Celery("shop")\ncelery_app.conf.update(BROKER_URL="memory://")',
        'celery_app = Celery("shop")\ncelery_app.conf.broker_transport = "memory"',
        'celery_app = Celery("shop")\ncelery_app.conf.broker_host = "rabbit"',
        'celery_app = Celery("shop")\ncelery_app.conf.update(broker_read_url="memory://a", broker_write_url="memory://b")',
        'celery_app = Celery("shop")\ncelery_app.conf.task_always_eager = True',
        'os.environ["CELERY_BROKER_URL"] = "memory://"\ncelery_app = Celery("shop")',
    ],
)
def test_a_broker_in_any_form(check: Check, lines: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "")  # so that it is put back
    assert check("CK301", HEAD + lines) == []


READ = "from celery.result import AsyncResult\n" + BROKER + TASK


@pytest.mark.parametrize(
    "line",
    [
        "    return AsyncResult(id).state",
        "    return celery_app.AsyncResult(id).ready()",
        "    return tidy.AsyncResult(id).get(timeout=1)",
        "    return tidy.delay().get(timeout=1)",
        "    return tidy.apply_async(countdown=1).status",
        "    return AsyncResult(id, app=celery_app).info",
    ],
)
def test_results_without_a_backend(check: Check, line: str) -> None:
    assert check("CK302", f"{READ}def see(id):\n{line}\n") == [line]


def test_a_variable_and_one_line_for_a_function(check: Check) -> None:
    text = "def see(id):\n    result = AsyncResult(id)\n    if result.ready():\n        return result.result\n"
    assert check("CK302", READ + text) == ["    if result.ready():"]


@pytest.mark.parametrize(
    "lines",
    [
        "    return tidy.delay().id",
        "    AsyncResult(id).revoke()",
        "    AsyncResult(id).forget()",
        "    return AsyncResult(id)",
        "    return tidy.apply().get()",  # runs here
        "    return unknown.delay().get()",
        "    return AsyncResult(id, app=other).state",
        "    result = AsyncResult(id)\n    result = cache\n    return result.get('x')",
        "    return {}.get('status')",
        "    for result in cache:\n        result = AsyncResult(id)\n        print(result.state)",
    ],
)
def test_what_reads_no_result_for_certain(check: Check, lines: str) -> None:
    assert check("CK302", f"{READ}def see(id, unknown, other, cache):\n{lines}\n") == []


@pytest.mark.parametrize(
    "backend",
    [
        "result_backend='cache+memory://'",
        "task_always_eager=True",
        "CELERY_RESULT_BACKEND='rpc://'",
    ],
)
def test_results_with_a_backend(check: Check, backend: str) -> None:
    text = (
        f"{READ}celery_app.conf.update({backend})\ndef see(id):\n    return AsyncResult(id).state\n"
    )
    assert check("CK302", text) == []


def test_results_of_another_app(check: Check) -> None:
    text = f"{READ}from celery import Celery\nother = Celery(backend='rpc://')\n"
    assert check("CK302", f"{text}def see(id):\n    return tidy.AsyncResult(id).state\n") == []


SECRET = "amqp://shop:Eiche7Tal@rabbit.example.org/shop"  # noqa: S105


@pytest.mark.parametrize(
    "line",
    [
        f'celery_app = Celery("shop", broker="{SECRET}")',
        f'celery_app = Celery("shop", backend="{SECRET}")',
        f'CELERY_BROKER_URL = "{SECRET}"',
        f'app.conf.broker_url = "{SECRET}"',
        f'BROKER_URL = os.environ.get("BROKER_URL", "{SECRET}")',
        f'BROKER_URL = os.getenv("BROKER_URL") or "{SECRET}"',
        f'CELERY = {{"broker_url": "{SECRET}"}}',
        f'app.config["CELERY_BROKER_URL"] = "{SECRET}"',
        f'broker: str = "{SECRET}"',
        f'app.config.from_mapping(CELERY=dict(result_backend="{SECRET}"))',
        'REDIS_URL = "redis://:Eiche7Tal@10.0.0.7:6379/0"',
        'broker = "amqp://shop:shop@rabbitmq//"',
        'RESULT_BACKEND = "db+postgresql://shop:Eiche7Tal@db/shop"',
    ],
)
def test_passwords(check: Check, line: str) -> None:
    assert check("CK303", HEAD + line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        f'# broker = "{SECRET}"',
        f'"""Set broker to {SECRET}."""',
        f'"""{SECRET}"""',
        f'print("{SECRET}")',
        f'assert mask("{SECRET}") == "***"',
        'broker = "amqp://guest:guest@rabbitmq:5672//"',
        'broker = "redis://:password@127.0.0.1:6379/0"',
        'broker = "amqp://shop:shop@localhost//"',
        'broker = "amqp://shop:<password>@rabbit.example.org//"',
        'broker = "amqp://shop:${PASSWORD}@rabbit.example.org//"',
        'broker = f"amqp://shop:{password}@rabbit.example.org//"',
        'broker = "amqp://shop:%s@rabbit.example.org//" % password',
        'broker = "amqp://shop:{}@rabbit.example.org//".format(password)',
        'broker = os.environ.get("BROKER", "amqp://shop:shop@rabbitmq//")',
        'broker = os.environ.get("BROKER", "redis://:password@redis//")',
        'class Settings(BaseSettings):\n    broker_url: str = "amqp://shop:shop@rabbitmq//"',
        'broker = "redis://redis.example.org/0"',
        'homepage = "https://shop:Eiche7Tal@example.org"',
        'broker_docs = "see amqp://shop:Eiche7Tal@rabbit.example.org"',
    ],
)
def test_no_passwords(check: Check, line: str) -> None:
    assert check("CK303", HEAD + line) == []


def test_a_message_holds_no_part_of_a_password(tmp_path: Path) -> None:
    path = tmp_path / "shop.py"
    path.write_text('broker = "redis://:Eiche@Tal@redis.example.org/0"')
    project = Project(tmp_path, "flask", "shop", sources=[read(path, tmp_path)])
    (place,) = RULES["CK303"].check(project)
    assert place.message.startswith("broker holds a password for redis.example.org, ")


@pytest.mark.parametrize(
    "name", ["tests/shop.py", "test_shop.py", "conftest.py", "settings/local.py"]
)
def test_passwords_in_tests(check: Check, name: str) -> None:
    assert check("CK303", f'broker = "{SECRET}"', name) == []


@pytest.mark.parametrize(
    "line",
    [
        'celery_app = Celery("shop", broker="redis://redis.example.org:6379/0")',
        'CELERY_BROKER_URL = "amqp://guest:guest@rabbit.example.org:5672//"',
        'app.conf.result_backend = "redis://10.0.0.7/1"',
        'config = {"CELERY_RESULT_BACKEND": "redis://redis.example.org/1"}',
    ],
)
def test_fixed_addresses(check: Check, line: str) -> None:
    assert check("CK304", HEAD + line) == [line]


@pytest.mark.parametrize(
    "lines",
    [
        'celery_app = Celery("shop", broker="redis://localhost:6379/0")',
        'celery_app = Celery("shop", broker="redis://[::1]:6379/0")',
        'celery_app = Celery("shop", broker=os.environ.get("BROKER", "redis://redis.example.org/0"))',
        'broker_url = os.getenv("BROKER") or "redis://redis.example.org/0"',
        'broker_url = "redis://redis.example.org/0" if "DOCKER" in os.environ else None',
        'broker_url = config("BROKER", default="redis://redis.example.org/0")',
        'broker_url = env.str("BROKER", default="redis://redis.example.org/0")',
        'if DEBUG:\n    broker_url = "redis://redis.example.org/0"',
        'try:\n    import local\nexcept ImportError:\n    broker_url = "redis://redis.example.org/0"',
        'class Settings(BaseSettings):\n    broker_url: str = "redis://redis.example.org/0"',
        'class DevelopmentConfig(Config):\n    CELERY_BROKER_URL = "redis://redis.example.org/0"',
        '@dataclass\nclass Config:\n    broker_url: str = "redis://redis.example.org/0"',
        'CACHE_URL = "redis://redis.example.org/0"',
        f'broker_url = "{SECRET}"',  # CK303
        'broker_url = "memory://"',
        'broker_url = "sqs://"',
        # Another machine in each network.
        'broker_url = "redis://redis:6379/0"',
        'broker_url = "amqp://guest:guest@rabbitmq:5672//"',
        'broker_url = "redis://redis.shop.svc.cluster.local/0"',
    ],
)
def test_addresses_that_can_be_replaced(check: Check, lines: str) -> None:
    assert check("CK304", HEAD + lines) == []


@pytest.mark.parametrize("name", ["settings/local.py", "config/dev.py", "settings_test.py"])
def test_modules_for_laptops(check: Check, name: str) -> None:
    assert check("CK304", 'CELERY_BROKER_URL = "redis://redis.example.org/0"', name) == []


@pytest.mark.parametrize(
    "line",
    [
        "celery_app.conf.task_ack_late = True",
        "celery_app.conf.update(task_ignore_results=True)",
        'celery_app.conf.update({"brokr_url": "redis://127.0.0.1"})',
        "celery_app.conf.update(max_tasks_per_child=5)",
        "celery_app.conf.update(CELERY_TASK_IGNORE_RESULT=True)",
    ],
)
def test_misspelt(check: Check, line: str) -> None:
    assert check("CK305", f"{BROKER}{line}\n") == [line]


@pytest.mark.parametrize(
    "lines",
    [
        "celery_app.conf.update(task_acks_late=True, worker_pidfile='a', redis_client_name='b')",
        "celery_app.conf.update(CELERY_ACKS_LATE=True)",
        "celery_app.conf.update(redbeat_redis_url='redis://127.0.0.1', beat_dburi='sqlite://')",
        "celery_app.conf.update(SECRET_KEY='x', SQLALCHEMY_DATABASE_URI='sqlite://')",
        "celery_app.conf.update(shop_name='x')",
        "celery_app.conf.update(task_routes_extra={})\ncelery_app.conf.task_routes = celery_app.conf.task_routes_extra",
        "celery_app.conf.task_ack_late = True\nprint(celery_app.conf.task_ack_late)",
        "celery_app.conf.update(task_ack_late=1)\ncelery_app.conf.get('task_ack_late')",
        "celery_app.conf.update(CELERY_BROKER_URL='redis://127.0.0.1')",  # it is the broker
    ],
)
def test_names_that_are_right_or_of_others(check: Check, lines: str) -> None:
    assert check("CK305", f"{BROKER}{lines}\n") == []


DJANGO = """class settings:
    CELERY_BROKER_URL = "redis://127.0.0.1"
    {}
celery_app = Celery("shop")
celery_app.config_from_object(settings, namespace="CELERY")
"""


@pytest.mark.parametrize(
    "line",
    ["CELERY_MAX_TASKS_PER_CHILD = 5", "CELERY_BEAT_SHEDULE = {}", "CELERY_TASK_ACK_LATE = True"],
)
def test_misspelt_in_django(check: Check, line: str) -> None:
    assert check("CK305", HEAD + DJANGO.format(line)) == [f"    {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "CELERY_TASK_ACKS_LATE = True",
        "CELERY_DB_REUSE_MAX = 5",
        "CELERY_ACKS_LATE = True",
        "CELERYD_CONCURRENCY = 5",
        "CELERY_TASK_RESULT_EXPIRES = 5",
        "CELERY_BEAT_SCHEDULE_FILENAME = 'x'",
        "CELERY_ONCE = {}",
        "CELERY_SHOP_QUEUES = {}",
        "CELERY_WORKER_POOL_LIMIT = 5",
        "TASK_ACK_LATE = True",
        "INSTALLED_APPS = []",
    ],
)
def test_names_in_django_that_are_left_alone(check: Check, line: str) -> None:
    assert check("CK305", HEAD + DJANGO.format(line)) == []


@pytest.mark.parametrize(
    "line", ["CELERY_ACKS_LATE = True", "CELERYD_CONCURRENCY = 5", "CELERY_ALWAYS_EAGER = True"]
)
def test_old_names_in_django(check: Check, line: str) -> None:
    assert check("CK306", HEAD + DJANGO.format(line)) == [f"    {line}"]


@pytest.mark.parametrize(
    "line",
    [
        "CELERY_RESULT_BACKEND = 'rpc://'",  # old and new are one name here
        "CELERY_TIMEZONE = 'UTC'",
        "CELERY_RESULT_SERIALIZER = 'json'",
        "CELERY_TASK_SERIALIZER = 'json'",
        "BROKER_URL = 'redis://127.0.0.1'",  # beside CELERY_BROKER_URL, which counts
        "CELERY_MY_OWN = 1",
    ],
)
def test_names_in_django_that_are_not_old(check: Check, line: str) -> None:
    assert check("CK306", HEAD + DJANGO.format(line)) == []


def test_a_broker_in_the_constructor_is_no_old_name(check: Check) -> None:
    text = f"{BROKER}celery_app.conf.update(CELERY_ACKS_LATE=True)\n"
    assert check("CK306", text) == ["celery_app.conf.update(CELERY_ACKS_LATE=True)"]


@pytest.mark.parametrize(
    ("variable", "value", "lines", "found"),
    [
        ("CELERY_BROKER_URL", "redis://127.0.0.1/5", BROKER, 1),
        ("CELERY_BROKER_URL", "redis://127.0.0.1", BROKER, 0),  # the same
        ("CELERY_BROKER_URL", "", BROKER, 0),
        ("CELERY_RESULT_BACKEND", "rpc://", BROKER, 0),  # nothing else says so
        ("CELERY_BROKER_URL", "memory://", HEAD + 'celery_app = Celery("shop")\n', 0),
        ("SHOP_BROKER_URL", "memory://", BROKER, 0),
        (
            "CELERY_RESULT_BACKEND",
            "rpc://",
            BROKER + 'celery_app.conf.result_backend = "file:///results"\n',
            1,
        ),
    ],
)
def test_variables_of_celery(  # noqa: PLR0913, PLR0917 - a table
    check: Check, variable: str, value: str, lines: str, found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    assert len(check("CK307", lines)) == found


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("accept_content=['json', 'pickle']", 1),
        ("accept_content={'application/x-python-serialize'}", 1),
        ("result_accept_content=['pickle']", 1),
        ("accept_content=['json']", 0),
        ("accept_content=['json', 'yaml', 'msgpack', 'auth']", 0),
        ("task_serializer='pickle'", 0),  # is refused by the worker
    ],
)
def test_pickle(check: Check, setting: str, found: int) -> None:
    line = f"celery_app.conf.update({setting})"
    assert check("CK308", f"{BROKER}{line}\n") == [line] * found


SEND = "from datetime import datetime, timedelta\nfrom django.utils import timezone\n"


@pytest.mark.parametrize(
    "line",
    [
        "    tidy.apply_async(countdown=7200)",
        "    tidy.apply_async(countdown=2 * 60 * 60)",
        "    tidy.apply_async((), countdown=3600 + 1)",
        "    tidy.apply_async(eta=datetime.now() + timedelta(days=1))",
        "    tidy.apply_async(eta=timezone.now() + timedelta(hours=1, minutes=30))",
    ],
)
def test_delays_beyond_the_timeout(check: Check, line: str) -> None:
    assert check("CK309", f"{SEND}{BROKER}{TASK}def later():\n{line}\n") == [line]


@pytest.mark.parametrize(
    "line",
    [
        "    tidy.apply_async(countdown=3600)",
        "    tidy.apply_async(countdown=delay)",
        "    tidy.apply_async(countdown=60 * delay)",
        "    tidy.apply_async(eta=datetime.now() + timedelta(minutes=30))",
        "    tidy.apply_async(eta=datetime.now() + timedelta(delay))",
        "    tidy.apply_async(eta=delay + timedelta(days=2))",
        "    tidy.apply_async(expires=7200)",
        "    other.apply_async(countdown=7200)",
    ],
)
def test_delays_that_are_short_or_not_certain(check: Check, line: str) -> None:
    text = f"{SEND}{BROKER}{TASK}def later(delay, other):\n{line}\n"
    assert check("CK309", text) == []


LATE = "    tidy.apply_async(countdown=7200)"


@pytest.mark.parametrize(
    "setting",
    [
        "broker_url='amqp://127.0.0.1'",
        "broker_url='memory://'",
        "broker_transport_options={'visibility_timeout': 7200}",
        "broker_transport_options={'visibility_timeout': 86400}",
        "task_always_eager=True",
    ],
)
def test_long_delays_that_are_fine(check: Check, setting: str) -> None:
    text = f"{SEND}{BROKER}celery_app.conf.update({setting})\n{TASK}def later():\n{LATE}\n"
    assert check("CK309", text) == []


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("task_acks_late=True, task_time_limit=7200", 1),
        ("task_acks_late=True, task_soft_time_limit=7200", 1),
        ("task_acks_late=True, task_time_limit=3000", 0),
        ("task_acks_late=True, task_time_limit=3000, task_soft_time_limit=7200", 0),
        ("task_acks_late=True, task_time_limit=7200, task_soft_time_limit=3000", 0),
        ("task_time_limit=7200", 0),
        ("task_acks_late=True", 0),
        ("task_acks_late=True, task_time_limit=7200, broker_url='amqp://a'", 0),
    ],
)
def test_limits_beyond_the_timeout(check: Check, setting: str, found: int) -> None:
    text = f"{BROKER}celery_app.conf.update({setting})\n{TASK}"
    assert check("CK309", text) == ["@celery_app.task"] * found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (TASK, 1),
        (TASK + TASK.replace("tidy", "clean"), 1),
        (f"celery_app.conf.task_time_limit = 5\n{TASK}", 0),
        (f"celery_app.conf.task_soft_time_limit = 5\n{TASK}", 0),
        (f"celery_app.conf.worker_pool = 'threads'\n{TASK}", 0),
        (TASK.replace("task", "task(soft_time_limit=5)"), 0),
        (TASK.replace("task", "task(time_limit=5)") + TASK.replace("tidy", "clean"), 1),
        ("", 0),
    ],
)
def test_time_limits(check: Check, lines: str, found: int) -> None:
    assert len(check("CK310", BROKER + lines)) == found


@pytest.mark.parametrize("code", [code for code in sorted(RULES) if code.startswith("CK3")])
def test_settings_that_cannot_be_read(check: Check, code: str) -> None:
    text = (
        f"{HEAD}celery_app = Celery('shop')\n"
        "celery_app.config_from_object({'broker_url': 'memory://', 'CELERY_ACKS_LATE': True})\n"
    )
    assert check(code, text) == []

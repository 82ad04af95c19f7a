"""The numbers of a worker."""

import os
import re
import time
import wsgiref.simple_server
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from urllib.request import urlopen
from wsgiref.simple_server import WSGIServer

import pytest
import yaml
from celery import Celery, Task
from celery.signals import task_failure, worker_ready
from kombu.transport.memory import Channel
from prometheus_client import generate_latest
from shop import metrics, queues, tasks
from shop.celery_app import stamp

ROOT = Path(__file__).parents[1]
Value = Callable[..., float]


@pytest.fixture
def value() -> Value:
    """Return what says by how much a number has grown since the test began."""
    run_a_task()  # which makes the files; one that is being made cannot be read
    before = {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for metric in metrics.registry.collect()
        for sample in metric.samples
    }

    def grown(name: str, **labels: str) -> float:
        now = metrics.registry.get_sample_value(name, labels) or 0
        return now - before.get((name, frozenset(labels.items())), 0)

    return grown


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.usefixtures("worker")
def test_everything_is_counted(celery_app: Celery, value: Value) -> None:
    for order in (0, 1, 2):
        tasks.send_receipt.delay(order)
    tasks.ask_bank.delay(1)
    tasks.heartbeat.delay()

    def count(task: str, state: str) -> float:
        return value("shop_tasks_total", task=f"shop.tasks.{task}", state=state)

    def ended(task: str) -> float:
        return value("shop_task_ran_seconds_count", task=f"shop.tasks.{task}")

    wait_for(lambda: (ended("heartbeat"), ended("ask_bank"), ended("send_receipt")) == (1, 3, 3))
    assert (count("send_receipt", "success"), count("send_receipt", "failure")) == (2, 1)
    assert (count("ask_bank", "success"), count("ask_bank", "retry")) == (1, 2)
    waited = value("shop_task_waited_seconds_count", queue="celery")
    assert waited == (0 if celery_app.conf.task_always_eager else 7)
    last = metrics.registry.get_sample_value(
        "shop_task_last_success_timestamp_seconds", {"task": "shop.tasks.heartbeat"}
    )
    assert last == pytest.approx(time.time(), abs=30)


MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "eta", "seconds"),
    [(-120, None, 120), (-120, -MINUTE, 60), (-120, -3 * MINUTE, 120), (60, None, 0)],
)
def test_waiting_begins_when_a_task_is_due(
    value: Value, sent: float, eta: timedelta | None, seconds: float
) -> None:
    task: Task = tasks.heartbeat
    task.push_request(
        sent_at=time.time() + sent,
        eta=eta and (datetime.now(UTC) + eta).isoformat(),
        delivery_info={"routing_key": "slow"},
    )
    metrics.begin(task)
    task.request_stack.pop()
    assert value("shop_task_waited_seconds_count", queue="slow") == 1
    assert value("shop_task_waited_seconds_sum", queue="slow") == pytest.approx(seconds, abs=10)


def run_a_task(seconds: float = 0) -> None:
    """Let the receivers see a task from a message."""
    task: Task = tasks.heartbeat
    task.push_request(sent_at=time.time(), eta=None, delivery_info={"routing_key": "slow"})
    metrics.begin(task)
    task.request.began -= seconds
    metrics.end(task)
    metrics.succeed(task)
    task.request_stack.pop()


def test_a_task_that_runs_for_long(value: Value) -> None:
    run_a_task(100)
    name = {"task": "shop.tasks.heartbeat"}
    assert value("shop_task_ran_seconds_sum", **name) == pytest.approx(100, abs=10)
    assert value("shop_task_ran_seconds_bucket", le="300.0", **name) == 1
    assert value("shop_task_ran_seconds_bucket", le="60.0", **name) == 0


def test_a_killed_process_is_a_failure(value: Value) -> None:
    """Its main process sends the signal."""
    task_failure.send(sender=tasks.send_receipt)
    assert value("shop_tasks_total", task="shop.tasks.send_receipt", state="failure") == 1


def test_a_message_carries_the_time() -> None:
    headers: dict[str, float] = {}
    stamp(headers=headers, body=b"")
    assert headers == {"sent_at": pytest.approx(time.time(), abs=30)}


def test_each_place_has_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert metrics.place() == "main"
    process = type("Process", (), {"index": 3})
    monkeypatch.setattr(metrics, "current_process", process)
    assert metrics.place() == "3"
    metrics.TASKS.labels("a task", "a state").inc()
    files = {path.name for path in Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).iterdir()}
    assert "counter_3.db" in files


def test_the_last_success_of_any_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for index, when in enumerate((10, 30, 20)):
        process = type("Process", (), {"index": index})
        monkeypatch.setattr(metrics, "current_process", process)
        metrics.LAST_SUCCESS.labels("another task").set(when)
    name = "shop_task_last_success_timestamp_seconds"
    assert metrics.registry.get_sample_value(name, {"task": "another task"}) == 30


def test_beat_sends_the_heartbeat(celery_app: Celery) -> None:
    (entry,) = celery_app.conf.beat_schedule.values()
    assert entry["task"] in celery_app.tasks
    assert (entry["schedule"], entry["options"]) == (60, {"expires": 300})


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """Have any free port taken, and return the addresses."""
    servers = []

    def start(*args: object, **kwargs: object) -> None:
        servers.append(start_http_server(*args, **kwargs))
        addresses.append(servers[-1][0].server_address)

    addresses: list[tuple[str, int]] = []
    start_http_server = metrics.start_http_server
    monkeypatch.setattr(metrics, "start_http_server", start)
    monkeypatch.setenv("SHOP_METRICS_BIND", "127.0.0.1:0")
    yield addresses
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join()


def test_prometheus_is_answered(served: list[tuple[str, int]]) -> None:
    run_a_task()
    worker_ready.send(sender=None)
    ((address, port),) = served
    assert address == "127.0.0.1"
    with urlopen(f"http://{address}:{port}/metrics") as answer:
        text = answer.read().decode()
    assert 'shop_tasks_total{state="failure",task="shop.tasks.send_receipt"}' in text
    assert 'shop_tasks_total{state="retry",task="shop.tasks.send_receipt"} 0.0' in text
    assert "celery.chord" not in text
    assert "python_info" not in text  # as it is in the registry of a single process
    for name in set(re.findall(r"shop_\w+", alerts())) - {"shop_queue_length"}:
        assert re.search(rf"^{name}\b", text, re.MULTILINE), name


def alerts() -> str:
    """Read the rules, and return their expressions."""
    groups = yaml.safe_load((ROOT / "prometheus/alerts.yml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    assert all(rule.keys() <= {"alert", "expr", "for"} for rule in rules)
    return "\n".join(rule["expr"] for rule in rules)


def test_prometheus_finds_the_rules_and_the_ports() -> None:
    settings = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    (job,) = settings["scrape_configs"]
    assert settings["rule_files"] == ["alerts.yml"]
    assert f'job="{job["job_name"]}"' in alerts()
    assert job["static_configs"] == [{"targets": ["127.0.0.1:9808", "127.0.0.1:9809"]}]
    assert '"SHOP_METRICS_BIND", "127.0.0.1:9808"' in (ROOT / "shop/metrics.py").read_text()
    assert '"SHOP_QUEUES_BIND", "127.0.0.1:9809"' in (ROOT / "shop/queues.py").read_text()


@pytest.mark.filterwarnings("ignore:task_always_eager has no effect on send_task")
def test_the_queue(celery_app: Celery) -> None:
    for _ in range(3):
        celery_app.send_task("shop.tasks.heartbeat")
    assert generate_latest(queues.registry).decode().splitlines()[2:] == [
        'shop_queue_length{queue="celery"} 3.0',
    ]
    with celery_app.connection_for_read() as connection:
        assert queues.length(connection, "nobody-uses-it") == 0
    assert "nobody-uses-it" not in Channel.queues  # asked for, not made
    assert "shop_queue_length" in alerts()


def test_the_queue_answers_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    servers = []

    def make_server(*args: object) -> WSGIServer:
        servers.append(server := wsgiref.simple_server.make_server(*args))
        server.serve_forever = lambda: None
        return server

    monkeypatch.setattr(queues, "make_server", make_server)
    monkeypatch.setenv("SHOP_QUEUES_BIND", "127.0.0.1:0")
    queues.serve()
    (server,) = servers
    assert type(server) is WSGIServer  # which has no threads
    assert server.server_address[0] == "127.0.0.1"
    asked = Thread(target=server.handle_request)
    asked.start()
    with urlopen(f"http://127.0.0.1:{server.server_port}") as answer:
        assert 'shop_queue_length{queue="celery"} 0.0' in answer.read().decode()
    asked.join()
    server.server_close()

"""The bench: its arithmetic, its programs, and what the pages say of its numbers."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from measure.bench.numbers import Chart, Row, Samples, percentile, significant
from measure.bench.tasks import Marks, make_app

ROOT = Path(__file__).parents[2]
DATA = ROOT / "docs" / "_data" / "bench.json"
CHART = Chart(
    "speed",
    "Speed",
    "tasks/s",
    "more",
    "A note.",
    (Row("a", "first", base="a"), Row("b", "second", "Group", base="a"), Row("c", "third")),
)


def rows_of(samples: Samples) -> dict[str, Any]:
    chart = samples.chart(CHART, patience=5)
    assert chart
    return {row.pop("name"): row for row in chart["rows"]}


def test_medians_ranges_and_ratios() -> None:
    samples = Samples()
    for first, second in ((10.0, 40.0), (30.0, 50.0), (20.0, 60.0)):
        found = {("speed", "a"): (first, 7), ("speed", "b"): (second, 8)}
        samples.add({**found, ("speed/p99 (ms)", "a"): (first / 10, 7)})
    assert rows_of(samples) == {
        "a": {
            "label": "first", "value": 20, "low": 10, "high": 30, "ratio": 1, "n": 7, "rounds": 3,
            "also": {"p99 (ms)": 2},
        },
        "b": {
            "label": "second", "group": "Group", "value": 50, "low": 40, "high": 60, "ratio": 2.5,
            "n": 8, "rounds": 3,
        },
    }  # fmt: skip


def test_no_answer_is_the_longest_time() -> None:
    samples = Samples()
    for value in (1.0, math.inf, math.inf):
        samples.add({("speed", "a"): (value, 8)})
    row = rows_of(samples)["a"]
    assert row == {"label": "first", "value": 5, "text": "no answer in 5 s", "n": 8, "rounds": 3}


def test_a_chart_that_was_not_measured() -> None:
    assert Samples().chart(CHART, 5) is None


def test_rounding() -> None:
    assert significant(1234.56) == 1235
    assert percentile([3, 1, 2], 50) == 2
    assert percentile(list(range(1, 101)), 99) == 99


def test_marks_are_seen_by_others(tmp_path: Path) -> None:
    ours = Marks(tmp_path / "marks", 3)
    theirs = Marks(tmp_path / "marks")
    assert theirs.count == 3
    before = time.monotonic()
    app = make_app({"task_always_eager": True, "task_eager_propagates": True}, theirs)
    app.tasks["work"].delay(2)
    assert ours.all()[:2] == [0, 0]
    assert ours.get(2) >= before


class Slow(BaseHTTPRequestHandler):
    """A shop: /slow never answers while it is asked."""

    protocol_version = "HTTP/1.1"
    silent = threading.Event()

    def do_POST(self) -> None:
        if self.path == "/slow":
            self.silent.wait(5)
        self.send_response(202)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST  # noqa: N815 - the name that http.server calls

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """A server that does not mind clients that go away."""

    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        pass


@pytest.fixture
def shop() -> Iterator[int]:
    Slow.silent.clear()
    with Server(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield server.server_port
        Slow.silent.set()
        server.shutdown()


def load(**job: float | str) -> dict[str, Any]:
    command = [sys.executable, "-m", "measure.bench.load", json.dumps(job)]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_a_closed_loop(shop: int) -> None:
    seen = load(port=shop, path="/order", connections=3, seconds=0.2)
    assert seen["statuses"] == [202]
    # Each of three clients asks when it has its answer; the last three may come after the end.
    assert len(seen["times"]) - 3 <= seen["rate"] * 0.2 <= len(seen["times"])
    assert seen["others"]


def test_requests_without_an_answer(shop: int) -> None:
    seen = load(port=shop, path="/slow", connections=2, patience=1.5)
    assert seen["longest"] is None
    assert seen["statuses"] == []
    assert 0 < seen["other"] < 0.5


def bench(*options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "measure.bench", *options]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_a_missing_service_is_named() -> None:
    run = bench(REDIS_URL="redis://127.0.0.1:1/0")
    assert run.returncode == 1
    assert run.stderr.startswith("Redis does not answer at 127.0.0.1:1 ([Errno 111]")
    assert "Start it: docker run" in run.stderr


@pytest.fixture
def live(request: pytest.FixtureRequest) -> None:
    if not request.config.option.live:
        pytest.skip("needs Redis and RabbitMQ: pytest --live")


def keys_of_a_run(pid: int) -> list[bytes]:
    import redis

    from verify.services import url_of

    with redis.Redis.from_url(url_of("redis")) as client:
        return list(client.scan_iter(f"bench_{pid}_*", count=1000))


def test_a_small_run(live: None, tmp_path: Path) -> None:
    """What must hold on any machine, however busy."""
    out = tmp_path / "bench.json"
    run = bench("--size", "small", "--only", "shops", "--out", str(out))
    assert run.returncode == 0, run.stderr
    charts = json.loads(out.read_text())["charts"]
    amounts = {
        (name, row["name"]): next(iter(row["parts"].values()))
        for name, chart in charts.items()
        for row in chart["rows"]
    }
    far = {name: value for (chart, name), value in amounts.items() if chart == "shops-far"}
    # One request at a time, each of which waits at least 20 ms.
    assert far["fastapi-naive"] <= 50
    assert far["fastapi-naive"] < far["fastapi-recommended"]
    silent = {row["name"]: row for row in charts["dead-silent"]["rows"]}
    assert all("text" in silent[f"{framework}-naive"] for framework in ("flask", "fastapi"))
    other = {row["name"]: row for row in charts["dead-silent-others"]["rows"]}
    assert "text" in other["fastapi-naive"]
    assert "text" not in other["fastapi-recommended"]


def test_a_run_that_is_stopped_leaves_nothing(live: None, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "measure.bench", "--only", "results"]
    command += ["--out", str(tmp_path / "bench.json")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not keys_of_a_run(process.pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.terminate()
        _, printed = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stopped; nothing was written" in printed
    assert keys_of_a_run(process.pid) == []
    assert not list(tmp_path.iterdir())


# -- What the pages say ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    """Return the committed numbers by chart and row; no answer is an infinity."""
    data = json.loads(DATA.read_text(encoding="utf-8"))
    assert data["about"]["size"] == "full", "a small run is not for the pages"
    return {
        name: {
            row["name"]: math.inf
            if "text" in row
            else row.get("value", sum(row.get("parts", {}).values()))
            for row in chart["rows"]
        }
        for name, chart in data["charts"].items()
    }


FRAMEWORKS = ("flask", "django", "fastapi")
BROKERS = ("redis", "rabbitmq")


def test_what_the_settings_win(measured: dict[str, dict[str, float]]) -> None:
    near, far = (
        {
            framework: rates[f"{framework}-recommended"] / rates[f"{framework}-naive"]
            for framework in FRAMEWORKS
        }
        for rates in (measured["shops-near"], measured["shops-far"])
    )
    assert all(0.7 < ratio < 1.5 for ratio in near.values())
    assert min(far["flask"], far["django"]) > 0.8
    assert far["fastapi"] > 2 * max(far["flask"], far["django"])


def test_only_async_def_makes_visitors_wait_for_others(
    measured: dict[str, dict[str, float]],
) -> None:
    times = measured["others-far"]
    worst = times.pop("fastapi-naive")
    assert worst > 500
    assert worst > 4 * max(times.values())
    rates = measured["shops-far"]
    assert rates["fastapi-naive"] <= 50
    assert rates["fastapi-recommended"] > 5 * rates["fastapi-naive"]


def test_a_dead_redis(measured: dict[str, dict[str, float]]) -> None:
    refused, silent = measured["dead-refused"], measured["dead-silent"]
    assert all(18 < refused[f"{framework}-naive"] < 21 for framework in ("flask", "django"))
    for framework in FRAMEWORKS:
        assert refused[f"{framework}-recommended"] < 1
        assert silent[f"{framework}-naive"] == math.inf
        assert 1.8 < silent[f"{framework}-recommended"] < 4.5
    refused, silent = measured["dead-refused-others"], measured["dead-silent-others"]
    assert all(refused[f"{framework}-naive"] > 15 for framework in FRAMEWORKS)
    assert max(refused[f"{framework}-recommended"] for framework in FRAMEWORKS) < 0.5
    assert all(silent[f"{framework}-naive"] == math.inf for framework in FRAMEWORKS)
    assert all(1 < silent[f"{framework}-recommended"] < 4.5 for framework in ("flask", "django"))
    assert silent["fastapi-recommended"] < 0.5


def test_sending(measured: dict[str, dict[str, float]]) -> None:
    near, far = measured["publish-near"], measured["publish-far"]
    assert near["rabbitmq-default-near"] > 1.1 * near["redis-default-near"]
    assert near["rabbitmq-confirm-near"] < 0.7 * near["rabbitmq-default-near"]
    assert far["redis-default-far"] < 50
    assert far["rabbitmq-confirm-far"] < 50
    assert far["rabbitmq-default-far"] > 5 * far["rabbitmq-confirm-far"]


def test_settings_of_a_worker(measured: dict[str, dict[str, float]]) -> None:
    rates = measured["settings"]
    settings = ("default", "results", "ignored", "prefetch", "late", "events")
    for broker in BROKERS:
        slowest = min(settings, key=lambda setting, broker=broker: rates[f"{broker}-{setting}"])
        assert slowest == "events"
        assert (
            min(rates[f"{broker}-late"], rates[f"{broker}-prefetch"]) > rates[f"{broker}-default"]
        )
    assert rates["rabbitmq-results"] < 0.8 * rates["rabbitmq-default"]
    assert rates["rabbitmq-default"] > 1.5 * rates["redis-default"]


def test_pools(measured: dict[str, dict[str, float]]) -> None:
    rates = measured["pools"]
    redis = [rates[f"redis-{pool}"] for pool in ("prefork", "threads", "threads-20", "solo")]
    assert max(redis) < 1.5 * min(redis)
    assert rates["rabbitmq-solo"] == max(rates.values())
    waiting = measured["waiting"]
    for broker in BROKERS:
        for pool in ("prefork-20", "threads-20"):
            assert waiting[f"{broker}-wait-{pool}"] > 3 * waiting[f"{broker}-wait-prefork"]


def test_waiting_for_results(measured: dict[str, dict[str, float]]) -> None:
    times = measured["results"]
    assert times["quick-get"] < times["quick-poll-10"] < times["quick-poll-100"]
    assert times["slow-get"] < 0.7 * times["slow-poll-100"]
    assert times["quick-poll-500"] == pytest.approx(times["slow-poll-500"], rel=0.1)


def test_starts(measured: dict[str, dict[str, float]]) -> None:
    starts, imports = measured["worker-start"], measured["imports"]
    for broker in BROKERS:
        saved = starts[f"{broker}-prefork"] - starts[f"{broker}-prefork-alone"]
        assert saved > 0.7
    assert 0.4 < imports["redis"] / imports["django"] < 2.5


def test_threads_need_less_memory() -> None:
    rows = json.loads(DATA.read_text(encoding="utf-8"))["charts"]["waiting"]["rows"]
    memory = {row["name"]: row["also"]["memory (MB)"] for row in rows}
    for broker in BROKERS:
        assert 2 * memory[f"{broker}-wait-threads-20"] < memory[f"{broker}-wait-prefork-20"]

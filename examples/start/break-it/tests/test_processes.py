"""The programs that kill, on processes that are there to be killed, and the one that starts again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any

import keep
import kill
import pytest
import shop

from conftest import Broker, run

# Processes that sleep; the last kind does not end when it is asked to.
SLEEPS = "import time; print('ready', flush=True); time.sleep(30)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"


class Victims:
    """A worker of three processes, the first its main one, with two orders after a while."""

    def __init__(self) -> None:
        """Begin without processes."""
        self.processes: list[subprocess.Popen[bytes]] = []
        self.asked = 0

    def start(self, program: str = SLEEPS) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        assert process.stdout
        process.stdout.readline()
        self.processes.append(process)
        return process

    def active(self) -> dict[str, Any] | None:
        self.asked += 1
        orders = {1: [], 2: [1]}.get(self.asked, [2, 1])
        tasks = [{"args": [o], "worker_pid": self.processes[o].pid} for o in orders]
        return None if self.asked == 1 else {"w": tasks}

    def stats(self) -> dict[str, Any]:
        main, *pool = (process.pid for process in self.processes)
        return {"w": {"pid": main, "pool": {"processes": pool}}}


@pytest.fixture
def victims(monkeypatch: pytest.MonkeyPatch) -> Iterator[Victims]:
    victims = Victims()
    monkeypatch.setattr(shop.app.control, "inspect", lambda **_: victims)
    monkeypatch.setattr(kill, "sleep", lambda _: None)
    yield victims
    for process in victims.processes:
        process.kill()
        process.communicate()


def test_one_process_is_killed(victims: Victims) -> None:
    main, first, second = (victims.start() for _ in range(3))
    kill.WAYS["process"]()
    assert first.wait() == -signal.SIGKILL
    assert main.poll() is None
    assert second.poll() is None
    assert victims.asked == 3


def test_the_whole_worker_is_killed(victims: Victims) -> None:
    processes = [victims.start() for _ in range(3)]
    kill.WAYS["worker"]()
    assert [process.wait() for process in processes] == 3 * [-signal.SIGKILL]


def test_a_deploy_kills_what_does_not_end(
    victims: Victims, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kill, "GRACE", 0.3)
    processes = [victims.start(STUBBORN) for _ in range(3)]
    begin = monotonic()
    kill.WAYS["deploy"]()
    assert monotonic() - begin >= 0.3
    assert [process.wait() for process in processes] == 3 * [-signal.SIGKILL]


def test_a_deploy_lets_a_worker_end(victims: Victims, monkeypatch: pytest.MonkeyPatch) -> None:
    main, *pool = (victims.start() for _ in range(3))
    for process in pool:
        process.kill()
        process.wait()
    # This process is its parent; a reader's is keep.py, which waits for it.
    monkeypatch.setattr(kill, "sleep", lambda _: main.poll())
    kill.WAYS["deploy"]()
    assert main.poll() == -signal.SIGTERM


def test_the_broker_is_killed(
    victims: Victims, worker: None, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis = victims.start()
    info = {"server": {"process_id": redis.pid}}
    monkeypatch.setattr(broker, "info", info.get, raising=False)
    run(monkeypatch, "kill.py", "broker", "2", "0")
    assert redis.wait() == -signal.SIGKILL
    assert broker.deleted
    with shop.database() as db:
        assert db.execute("SELECT count(*) FROM orders").fetchone() == (2,)


def test_a_program_is_started_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[list[str]] = []
    ends: list[int | type[BaseException]] = [3, KeyboardInterrupt, 0]

    class Program:
        """Ends with 3; the next one is interrupted, and ends."""

        def __init__(self, command: list[str]) -> None:
            commands.append(command)

        def wait(self) -> int:
            end = ends.pop(0)
            if not isinstance(end, int):
                raise end
            return end

    monkeypatch.setattr(subprocess, "Popen", Program)
    run(monkeypatch, "keep.py", "broker")
    assert ends == []
    redis = ["redis-server", "--port", "0", "--unixsocket", "redis.sock"]
    assert commands == 2 * [[*redis, "--logfile", "redis.log", "--save", ""]]
    assert capsys.readouterr().out == (
        "keep.py starts the broker\n"
        "keep.py: the broker ended with exit code 3\n"
        "keep.py starts the broker\n"
    )
    assert keep.PROGRAMS["worker"].startswith("celery -A shop worker")

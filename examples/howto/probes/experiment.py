"""Put a worker into each state of the table, ask every probe, and write what it says.

python experiment.py    needs redis-server; takes some minutes, on a server of its own.
"""

import csv
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).parent
NAME = "w1@here"
# The file is touched every two seconds. A platform would allow a minute; here it is ten seconds.
OLD = 10
# As long as a command may take before it is killed, as a platform does.
LONG = 30
HANG = """
import time
from celery.worker.control import control_command

@control_command()
def hang(state, **_):
    time.sleep(600)
"""


def seconds_of_cpu() -> float:
    """Return what the programs that have ended have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Lab:
    """A broker, a worker and its file, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Choose a port."""
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port = sock.getsockname()[1]
        self.folder = folder
        self.file = folder / "alive"
        (folder / "hang.py").write_text(HANG)
        self.env = os.environ | {
            "PYTHONPATH": f"{HERE}{os.pathsep}{folder}",
            "SHOP_BROKER_URL": f"redis://127.0.0.1:{self.port}/0",
            "SHOP_RESULT_BACKEND": f"redis://127.0.0.1:{self.port}/1",
            "WORKER_ALIVE_FILE": str(self.file),
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.redis = self.start_redis()

    def start(self, *words: str, log: str, **env: str) -> subprocess.Popen[bytes]:
        """Start a program in a group of its own."""
        with (self.folder / log).open("wb") as output:
            process = subprocess.Popen(
                words,
                cwd=self.folder,
                env=self.env | env,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def start_redis(self) -> subprocess.Popen[bytes]:
        """Start the broker, and wait for it."""
        words = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        process = self.start(*words, log="redis.log")
        wait_until(self.redis_answers)
        return process

    def redis_answers(self) -> bool:
        """Tell whether it listens."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def celery(self, *words: str) -> int:
        """Run a command to its end, and return its exit status."""
        command = [sys.executable, "-m", "celery", "-A", "shop.celery_app", *words]
        with (self.folder / "commands.log").open("ab") as output:
            process = subprocess.Popen(
                command, cwd=self.folder, env=self.env, stdout=output, stderr=output
            )
        try:
            return process.wait(LONG)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def worker(
        self, *words: str, name: str = NAME, file: str = "", **env: str
    ) -> subprocess.Popen[bytes]:
        """Start a worker, and wait until it is ready."""
        file = file or str(self.file)
        process = self.start(
            *[
                sys.executable,
                "-m",
                "celery",
                "-A",
                "shop.celery_app",
                "worker",
                "-I",
                "shop.alive,hang",
            ],
            *["--loglevel", "INFO", "--hostname", name, "--concurrency", "2", *words],
            log=f"{name}.log",
            WORKER_ALIVE_FILE=file,
            **env,
        )
        wait_until(lambda: f"{name} ready." in (self.folder / f"{name}.log").read_text())
        return process

    def beat(self) -> subprocess.Popen[bytes]:
        """Start beat, which sends a task every second, and wait until it has sent one."""
        process = self.start(
            *[
                sys.executable,
                "-m",
                "celery",
                "-A",
                "shop.celery_app",
                "beat",
                "--loglevel",
                "INFO",
            ],
            *[
                "--scheduler",
                "shop.beat_alive.Scheduler",
                "--max-interval",
                "2",
                "--enable-remote-control",
            ],
            *["--hostname", "here"],
            log=f"{NAME}.log",
            BEAT_ALIVE_FILE=str(self.file),
            SHOP_EXPORT_SECONDS="1",
        )
        wait_until(self.file.exists)
        return process

    def says(self, text: str) -> None:
        """Wait for a text in the worker's log."""
        wait_until(lambda: text in (self.folder / f"{NAME}.log").read_text())

    def busy(self, number: int = 2, seconds: int = 600) -> None:
        """Send tasks that take long, and wait until the worker has them."""
        for _ in range(number):
            self.celery("call", "shop.tasks.export", "--args", f"[{seconds}]")
        wait_until(lambda: (self.folder / f"{NAME}.log").read_text().count("received") >= 1)

    def probe(self, name: str = NAME) -> dict[str, str]:
        """Ask all probes, when the file has had time to become old."""
        time.sleep(OLD + 3)
        age = time.time() - self.file.stat().st_mtime if self.file.exists() else None
        start = time.monotonic()
        code = self.celery("inspect", "ping", "--destination", name)
        took = time.monotonic() - start
        say(f"    file {age}, ping {code} after {took:.1f} s")
        return {
            "`inspect ping -d`": "answers" if code == 0 else "no answer" if code > 0 else "hangs",
            "the file": "none" if age is None else "old" if age > OLD else "young",
        }

    def end(self) -> None:
        """Kill what is left."""
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for something, a minute at most."""
    end = time.monotonic() + 60
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def idle(lab: Lab) -> None:
    """Give it nothing to do."""
    lab.worker()


def busy(lab: Lab) -> None:
    """Give every process of the pool a task."""
    lab.worker()
    lab.busy()


def stopping(lab: Lab) -> None:
    """Let it wait for its tasks after SIGTERM."""
    worker = lab.worker()
    lab.busy()
    worker.terminate()
    lab.says("Warm shutdown")


def no_consumer(lab: Lab) -> None:
    """Let it read no queue any more."""
    lab.worker()
    lab.celery("control", "cancel_consumer", "celery")


def frozen(lab: Lab) -> None:
    """Stop the main process."""
    lab.worker().send_signal(signal.SIGSTOP)


def blocked(lab: Lab) -> None:
    """Let the event loop hang in a call."""
    lab.worker()
    code = "from shop.celery_app import celery_app; celery_app.control.broadcast('hang')"
    subprocess.run([sys.executable, "-c", code], env=lab.env, check=True)


def broker_gone(lab: Lab) -> None:
    """Kill Redis."""
    lab.worker()
    lab.redis.kill()
    lab.says("Connection to broker lost")


def broker_back(lab: Lab) -> None:
    """Kill Redis, and start it again."""
    broker_gone(lab)
    time.sleep(3)
    lab.redis.wait()
    lab.redis = lab.start_redis()


def broker_silent(lab: Lab) -> None:
    """Let Redis accept connections and not answer."""
    lab.worker()
    lab.redis.send_signal(signal.SIGSTOP)


def broker_silent_timeout(lab: Lab) -> None:
    """Do the same with `socket_timeout`."""
    options = '{"socket_timeout": 3, "socket_connect_timeout": 3}'
    lab.env = lab.env | {"SHOP_BROKER_TRANSPORT_OPTIONS": options}
    lab.worker()
    lab.redis.send_signal(signal.SIGSTOP)


def solo(lab: Lab) -> None:
    """Give the pool `solo` a task."""
    lab.worker("--pool", "solo")
    lab.busy(1)


def threads(lab: Lab) -> None:
    """Give each thread of the pool a task."""
    lab.worker("--pool", "threads")
    lab.busy()


def beat_idle(lab: Lab) -> None:
    """Let beat send what is due."""
    lab.beat()


def beat_frozen(lab: Lab) -> None:
    """Stop the process."""
    lab.beat().send_signal(signal.SIGSTOP)


def beat_alone(lab: Lab) -> None:
    """Kill Redis."""
    lab.beat()
    lab.redis.kill()


def beat_silent(lab: Lab) -> None:
    """Let Redis accept connections and not answer."""
    lab.beat()
    lab.redis.send_signal(signal.SIGSTOP)


BEAT = {
    "sends what is due": beat_idle,
    "stopped (SIGSTOP)": beat_frozen,
    "Redis has ended": beat_alone,
    "Redis is silent": beat_silent,
}


def starting(lab: Lab) -> None:
    """Start it without Redis."""
    lab.redis.kill()
    lab.redis.wait()
    words = ["worker", "-I", "shop.alive", "--loglevel", "INFO"]
    lab.file.touch()  # a worker that was killed has left it
    lab.start(sys.executable, "-m", "celery", "-A", "shop.celery_app", *words, log=f"{NAME}.log")
    lab.says("Cannot connect")


STATES = {
    "starts, and Redis is not there": starting,
    "idle": idle,
    "every process of the pool is busy": busy,
    "pool `threads`, every thread is busy": threads,
    "ends its tasks after SIGTERM": stopping,
    "main process stopped (SIGSTOP)": frozen,
    "its event loop blocked": blocked,
    "Redis has ended": broker_gone,
    "Redis has ended and is back": broker_back,
    "Redis is silent, no `socket_timeout`": broker_silent,
    "Redis is silent, `socket_timeout` of 3 s": broker_silent_timeout,
    "does not consume (`cancel_consumer`)": no_consumer,
    "pool `solo`, busy": solo,
}


@contextmanager
def lab() -> Iterator[Lab]:
    """Make a lab that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        made = Lab(Path(folder))
        try:
            yield made
        finally:
            made.end()


def table(kind: str, states: dict[str, Callable[[Lab], None]], name: str) -> None:
    """Make each state, and write what the probes say."""
    rows = []
    for state, make in states.items():
        say(state)
        with lab() as here:
            make(here)
            rows.append({kind: state, **here.probe(name)})
    with (HERE / "data" / f"{kind}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def cost() -> None:
    """Compare what two probes cost, and ask a worker that is frozen without naming it."""
    with lab() as here:
        here.worker()
        before = seconds_of_cpu()
        for _ in range(5):
            here.celery("inspect", "ping", "--destination", NAME)
        ping = seconds_of_cpu() - before
        before = seconds_of_cpu()
        script = f'test -z "$(find {here.folder} -name alive -mmin +2)"'
        for _ in range(5):
            subprocess.run(["/bin/sh", "-c", script], check=True)
        find = seconds_of_cpu() - before
        say(f"ping {ping / 5:.3f} s of CPU, find {find / 5:.4f} s, ratio {ping / find:.0f}")
        here.worker(name="w2@here", file=str(here.folder / "other"))
        here.processes[1].send_signal(signal.SIGSTOP)
        say(f"without --destination, the other worker answers: {here.celery('inspect', 'ping')}")


def main() -> None:
    """Do what the arguments name, or all."""
    wanted = sys.argv[1:] or ["worker", "beat", "cost"]
    if "worker" in wanted:
        table("worker", STATES, NAME)
    if "beat" in wanted:
        table("beat", BEAT, "celerybeat@here")
    if "cost" in wanted:
        cost()


if __name__ == "__main__":
    main()

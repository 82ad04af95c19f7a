"""The shops under fire: real web servers, workers and a beat, with orders that come in while something dies."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import psycopg
from psycopg import sql

from measure.brokers import PostgreSQL, RabbitMQ, Redis
from measure.drills.cells import RECOMMENDED, SHARED, SMALL_SIZE
from measure.drills.stage import LIMIT, Outcome
from measure.processes import Program
from measure.proxy import Proxy
from verify.shell import IGNORED, free_port

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "contract"))

from shops import FRAMEWORKS, Shop, environment_of, make_tables, server_command  # noqa: E402
from sinks import MailServer, WebhookReceiver  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CLIENTS = 8  # that place orders at once
# Seconds after which the sweep looks at an order; the shop's own are five minutes and an hour.
LATE, UNDONE = 2, 20
SWEEP = 3.0  # seconds between two sweeps
QUIET = UNDONE + 15  # seconds without news after which nothing more is expected
KILLS = 10


class ShopStage:
    """A shop with its servers, and clients who place orders."""

    def __init__(
        self, cell: ShopCell, broker: Redis | RabbitMQ, folder: Path, number: int, stack: ExitStack
    ) -> None:
        """Start a database, a result backend, the sinks, the web server, a worker and a beat."""
        folder.mkdir(parents=True)
        folder.chmod(0o755)  # PostgreSQL's user must reach its own folder in it
        framework, self.size = cell.framework, cell.size
        self.stack, self.broker, self.number = stack, broker, number
        self.queue = {"task_default_queue_type": "quorum"} if cell.kind == "quorum" else {}
        self.random = random.Random(7)  # noqa: S311 - which child dies
        self.facts: dict[str, Any] = {}
        self.accepted: list[int] = []
        self.refused = 0
        self.database = stack.enter_context(PostgreSQL(folder / "postgresql"))
        self.results = stack.enter_context(Redis(folder / "results"))
        self.proxy: Proxy | None = None
        if cell.fault is shop_silent_broker:  # the other drills need not pay for it
            self.proxy = stack.enter_context(Proxy(broker.url()))
        mail, webhooks = MailServer(), WebhookReceiver()
        for sink in (mail, webhooks):
            stack.callback(sink.server_close)
            stack.callback(sink.shutdown)
        self.port = free_port()
        http = httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=LIMIT)
        stack.callback(http.close)
        self.shop = Shop(framework, broker.kind, http, mail, webhooks, folder, self.settings())
        self.project = Path(
            shutil.copytree(ROOT / "examples" / framework, folder / "project", ignore=IGNORED)
        )
        self.environment = {
            **environment_of(self.shop, self.database.url()),
            "CONTRACT_LATE": str(LATE),
            "CONTRACT_UNDONE": str(UNDONE),
        }
        make_tables(self.shop, self.environment)
        self.web = self.start_web()
        self.worker = self.start_worker()
        self.start(
            f"celery -A {framework}_shop:celery_app beat --schedule {folder}/beat --max-interval 1"
        )
        self.shop.until(self.shop.answers)
        self.shop.until(lambda: " ready." in self.worker.log.read_text(encoding="utf-8"))

    def settings(self) -> dict[str, Any]:
        """Return the Celery settings of the shop that a drill must change: where the servers are, shorter times."""
        url = self.broker.url(self.number)
        if self.proxy is not None:
            url = url.replace(f":{self.broker.port}/", f":{self.proxy.port}/")
        sweep = {
            "task": "shop.tasks.announce_late_orders",
            "schedule": SWEEP,
            "options": {"expires": SWEEP},  # on a busy machine they would pile up
        }
        return {
            "broker_url": url,
            "broker_transport_options": RECOMMENDED[self.broker.kind],
            "task_default_queue": f"shop{self.number}",
            "result_backend": self.results.url(),
            "task_annotations": {"*": {"default_retry_delay": 1}},
            "beat_schedule": {"announce-late-orders": sweep},
            "worker_soft_shutdown_timeout": 1,
            **self.queue,
        }

    def start(self, command: str, **variables: str) -> Program:
        """Start one of the shop's programs."""
        log = self.shop.folder / f"{len(self.shop.logs)}.log"
        self.shop.logs.append(log)
        program, *words = command.split()
        words = [str(Path(sys.executable).parent / program), *words]
        running = Program(words, self.project, {**self.environment, **variables}, log)
        return self.stack.enter_context(running)

    def start_web(self) -> Program:
        """Start the web server."""
        return self.start(server_command(self.shop.framework, self.port))

    def start_worker(self) -> Program:
        """Start a worker as the shop's unit file does: SIGTERM is remapped to a soft shutdown."""
        name = f"{self.shop.framework}_shop"
        command = f"celery -A {name}:celery_app worker --concurrency 4 --loglevel INFO"
        name = f"{self.number}-{len(self.shop.logs)}@localhost"
        options = f"--hostname {name} --without-mingle --without-gossip"
        return self.start(f"{command} {options}", REMAP_SIGTERM="SIGQUIT")

    def order(self, _: int) -> None:
        """Place one order; try again, as a client does, until the shop takes it.

        Raises:
            TimeoutError: if it never does.

        """
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx2.TransportError):
                answer = self.shop.http.post("/orders", json={"user_id": 1, "total_cents": 1905})
                if answer.status_code == HTTPStatus.CREATED:
                    self.accepted.append(answer.json()["id"])
                    return
            self.refused += 1
            time.sleep(0.2)
        message = f"no order is accepted any more; {self.shop.log()}"
        raise TimeoutError(message)

    def until_accepted(self, part: float) -> None:
        """Wait until a part of the orders is accepted."""
        deadline = time.monotonic() + LIMIT
        while len(self.accepted) < part * self.size:
            if time.monotonic() > deadline:
                message = f"only {len(self.accepted)} orders; {self.shop.log()}"
                raise TimeoutError(message)
            time.sleep(0.02)

    def receipts(self) -> Counter[int]:
        """Return how many receipts each order has."""
        return Counter(int(subject.split()[-1]) for subject in self.shop.mail.subjects())

    def webhooks(self) -> Counter[int]:
        """Return how often each order's webhook was delivered."""
        return Counter(int(key.removeprefix("order-")) for key, _ in self.shop.webhooks.received)

    def orders(self) -> set[int]:
        """Return the ids of the orders in the database: also those whose client got no answer."""
        table = sql.Identifier(
            {"django": "shop_order", "flask": "order", "fastapi": "orders"}[self.shop.framework]
        )
        with psycopg.connect(self.database.url()) as connection:
            rows = connection.execute(sql.SQL("SELECT id FROM {}").format(table)).fetchall()
        return {number for (number,) in rows}

    def settle(self) -> None:
        """Wait until every order has its receipt and its webhook, or nothing has happened for a while."""
        last, since = (-1, -1), time.monotonic()
        orders = self.orders()
        while time.monotonic() - since < QUIET:
            if self.worker.ended(0):  # systemd starts it again
                self.facts["workers_ended"] = self.facts.get("workers_ended", 0) + 1
                self.worker = self.start_worker()
            receipts, webhooks = self.receipts(), self.webhooks()
            if orders <= receipts.keys() and orders <= webhooks.keys():
                break
            now = (receipts.total(), webhooks.total())
            if now != last:
                last, since = now, time.monotonic()
            time.sleep(0.5)
        time.sleep(10)  # what is done a second time now counts, too

    def outcome(self) -> Outcome:
        """Count receipts; an order without its webhook counts as lost, too."""
        orders, receipts, webhooks = self.orders(), self.receipts(), self.webhooks()
        done = receipts.keys() & webhooks.keys()
        self.facts["refused"] = self.refused
        self.facts["webhooks_repeated"] = webhooks.total() - len(webhooks)
        unknown = set(self.accepted) - orders
        if unknown:
            message = f"accepted, but not in the database: {sorted(unknown)}"
            raise AssertionError(message)
        return Outcome(
            sent=len(orders),
            once=sum(1 for order in orders & done if receipts[order] == 1),
            twice=sum(1 for order in orders & done if receipts[order] > 1),
            waiting=0,
            lost=len(orders - done),
            starts=receipts.total(),
        )


def shop_kill_children(stage: ShopStage) -> None:
    """`kill -9` of ten pool processes while orders come in."""
    for kill in range(KILLS):
        stage.until_accepted(0.9 * (kill + 1) / KILLS)
        os.kill(stage.random.choice(stage.worker.children()), signal.SIGKILL)
        time.sleep(0.5)  # a worker gives up when its children die faster


def shop_kill_workers(stage: ShopStage) -> None:
    """`kill -9` of the worker with its children, three times; each time a new one is started."""
    for kill in range(3):
        stage.until_accepted(0.9 * (kill + 1) / 3)
        stage.worker.kill()
        stage.worker = stage.start_worker()


def shop_stop_workers(stage: ShopStage) -> None:
    """SIGTERM to the worker (soft shutdown), three times; each time a new one is started."""
    for kill in range(3):
        stage.until_accepted(0.9 * (kill + 1) / 3)
        stage.worker.send(signal.SIGTERM)
        stage.worker.ended(30)
        stage.worker.kill()
        stage.worker = stage.start_worker()


def shop_kill_web(stage: ShopStage) -> None:
    """`kill -9` of the web server, three times: also between a commit and the sending of its tasks."""
    for kill in range(3):
        stage.until_accepted(0.9 * (kill + 1) / 3)
        stage.web.kill()
        stage.web = stage.start_web()


def shop_kill_broker(stage: ShopStage) -> None:
    """`kill -9` of the broker; it is started again after two seconds."""
    stage.until_accepted(0.3)
    stage.broker.kill()
    time.sleep(2)
    stage.broker.start()


def shop_silent_broker(stage: ShopStage) -> None:
    """Take connections and say nothing for five seconds, in place of the broker."""
    stage.until_accepted(0.3)
    if stage.proxy is not None:
        stage.proxy.silent = True
        time.sleep(5)
        stage.proxy.silent = False


def shop_restart_database(stage: ShopStage) -> None:
    """Restart PostgreSQL; orders are refused meanwhile."""
    stage.until_accepted(0.3)
    stage.database.stop()
    time.sleep(1)
    stage.database.start()


def shop_kill_result_backend(stage: ShopStage) -> None:
    """`kill -9` of the result backend, which stays away."""
    stage.until_accepted(0.3)
    stage.results.kill()


FAULTS = (
    shop_kill_children,
    shop_kill_workers,
    shop_stop_workers,
    shop_kill_web,
    shop_kill_broker,
    shop_silent_broker,
    shop_kill_result_backend,
    shop_restart_database,
)
# The other faults do not touch what a broker does, so one broker is enough.
BROKERS: dict[Callable[[ShopStage], None], tuple[tuple[str, str], ...]] = {
    shop_kill_workers: SHARED[:2],
    shop_kill_broker: SHARED[:2],
}
SMALL = {
    "shop_kill_broker-redis-none-flask",
    "shop_kill_workers-rabbitmq-classic-django",
    "shop_restart_database-redis-none-fastapi",
}


@dataclass(frozen=True)
class ShopCell:
    """One drill of a shop."""

    fault: Callable[[ShopStage], None]
    framework: str
    broker: str
    kind: str  # of persistence or of queue
    size: int = 1000  # orders
    own_broker: bool = False

    @property
    def name(self) -> str:
        """Return fault, broker and shop in one line."""
        return f"{self.fault.__name__}-{self.broker}-{self.kind}-{self.framework}"

    def run(
        self, broker: Redis | RabbitMQ, folder: Path, number: int
    ) -> tuple[Outcome, dict[str, Any]]:
        """Place orders, break something meanwhile, wait, and count."""
        with ExitStack() as stack:
            stage = ShopStage(self, broker, folder, number, stack)
            with ThreadPoolExecutor(CLIENTS) as clients:
                orders = [clients.submit(stage.order, i) for i in range(self.size)]
                self.fault(stage)
                for order in orders:
                    order.result()
            stage.settle()
            return stage.outcome(), stage.facts

    def objection(self, outcome: Outcome, _: Mapping[str, Any]) -> str:
        """Say what must not have come out, or return nothing."""
        if outcome.lost:
            return f"{outcome.lost} orders without a receipt or a webhook"
        if outcome.sent < self.size:
            return f"only {outcome.sent} orders of {self.size}"
        return ""


def shop_cells() -> Iterator[ShopCell]:
    """Return every drill of the shops."""
    for fault in FAULTS:
        brokers = BROKERS.get(fault, SHARED[:1])
        for broker, kind in brokers:
            for framework in FRAMEWORKS:
                own = fault is shop_kill_broker
                yield ShopCell(fault, framework, broker, kind, own_broker=own)


def small_shop_cells() -> list[ShopCell]:
    """Return the drills that continuous integration runs: a few faults, each shop, both brokers."""
    return [replace(cell, size=SMALL_SIZE) for cell in shop_cells() if cell.name in SMALL]

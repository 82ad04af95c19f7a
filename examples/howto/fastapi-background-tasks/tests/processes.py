"""A program: import the shop once, then fork web servers and a worker from it, as stdin says."""

import os
import signal
import sys
import time
from pathlib import Path
from socket import socket

import uvicorn
from celery import uuid
from kombu.transport.filesystem import Channel
from kombu.utils.json import dumps
from shop.celery_app import celery_app
from shop.main import app


def web(file_descriptor: int, *timeout: int) -> None:
    """Answer requests on a socket, as ``uvicorn shop.main:app`` does."""
    config = uvicorn.Config(app, timeout_graceful_shutdown=timeout[0] if timeout else None)
    uvicorn.Server(config).run(sockets=[socket(fileno=file_descriptor)])


def put(channel: Channel, queue: str, message: dict[str, object], **_: object) -> None:
    """Write a message in one go; what kombu writes can be read when half of it is there."""
    name = f"{time.monotonic_ns():020}_{uuid()}.{queue}.msg"
    file = Path(channel.data_folder_out, f"{name}.part")
    file.write_text(dumps(message))
    file.rename(file.with_suffix(""))


def worker() -> None:
    """Work with one process, as ``celery -A shop.celery_app worker`` does."""
    celery_app.conf.worker_lost_wait = 0.1  # not ten seconds, until a lost process is missed
    celery_app.conf.worker_enable_remote_control = False
    options = "--concurrency 1 --without-mingle --without-gossip --loglevel INFO"
    celery_app.worker_main(["worker", *options.split()])


Channel._put = put  # noqa: SLF001
print("ready", flush=True)  # noqa: T201
for line in sys.stdin:
    name, kind, *numbers = line.split()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with Path(f"{name}.log").open("w") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        {"web": web, "worker": worker}[kind](*map(int, numbers))
        os._exit(0)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    print(pid, flush=True)  # noqa: T201

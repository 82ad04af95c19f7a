"""The tasks of the drills. Each says in a file when it starts and when it is done; nobody else decides that."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import psycopg
from celery import Celery

RECORD = Path(os.environ["DRILL_RECORD"])
HOLD = 16 << 20  # bytes that a greedy task takes at once

app = Celery("drill")
app.conf.update(json.loads(os.environ["DRILL_SETTINGS"]))


def write(word: str, number: int) -> None:
    """Append one line to the record; lines this short arrive whole, also when their writer is killed."""
    record = os.open(RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(record, f"{word} {number}\n".encode())
    os.close(record)


@app.task(name="work")
def work(number: int, seconds: float) -> None:
    """Work for some seconds."""
    write("start", number)
    time.sleep(seconds)
    write("done", number)


@app.task(name="greedy")
def greedy(number: int, seconds: float) -> None:
    """Take all memory the first time, so that the kernel kills this process; work the second time."""
    write("start", number)
    time.sleep(seconds)
    held = []
    while RECORD.read_text(encoding="ascii").split("\n").count(f"start {number}") == 1:
        held.append(bytearray(HOLD))
    write("done", number)


@app.task(name="poison")
def poison(number: int, seconds: float) -> None:
    """Kill the process that runs it, each time."""
    write("start", number)
    time.sleep(seconds)
    os.kill(os.getpid(), signal.SIGKILL)


def insert(number: int, seconds: float) -> None:
    """Write a row to the database that the drill restarts."""
    write("start", number)
    time.sleep(seconds)
    with psycopg.connect(os.environ["DRILL_DATABASE"], connect_timeout=5) as connection:
        connection.execute("INSERT INTO work VALUES (%s)", (number,))
    write("done", number)


app.task(insert, name="insert")
app.task(
    insert,
    name="insert_again",
    autoretry_for=(psycopg.OperationalError,),
    retry_backoff=1,
    retry_jitter=False,
    max_retries=8,
)

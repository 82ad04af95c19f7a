"""Start a program again whenever it has ended, as systemd does.

`python keep.py broker` keeps Redis running, `python keep.py worker` a worker.
"""

import shlex
import subprocess
import sys

import click

PROGRAMS = {
    "broker": "redis-server --port 0 --unixsocket redis.sock --logfile redis.log --save ''",
    "worker": "celery -A shop worker --concurrency 2 --loglevel INFO",
}


def keep(name: str) -> None:
    """Keep a program running until Ctrl+C, which it gets, too."""
    while True:
        click.echo(f"keep.py starts the {name}")
        program = subprocess.Popen(shlex.split(PROGRAMS[name]))
        try:
            code = program.wait()
        except KeyboardInterrupt:
            program.wait()
            return
        click.echo(f"keep.py: the {name} ended with exit code {code}")


if __name__ == "__main__":
    keep(sys.argv[1])

"""Make a user for each program: the rules for Redis, and a file with its secret for each.

``python make_users.py redis.example.org:6379``
"""

import hashlib
import os
import secrets
import sys
from pathlib import Path

COMMANDS = (
    "+@read +@write +@pubsub +@connection +@transaction"
    " +evalsha +script|load +script|exists +time -@dangerous"
)
RULES = {
    "web": "%W~shop:celery* %R~shop:celery-task* ~shop:_kombu.* &shop:celery-task-meta-*",
    "worker": "~shop:* &shop:* &shop:/0.celery.pidbox &shop:/0.celeryev/worker.*",
}


def make(address: str) -> None:
    """Write the files into this folder; each run makes new secrets."""
    lines = ["user default off"]
    for name, rules in RULES.items():
        secret = secrets.token_urlsafe(32)
        hashed = hashlib.sha256(secret.encode()).hexdigest()
        lines.append(f"user {name} on #{hashed} resetchannels {rules} -@all {COMMANDS}")
        query = "ssl_cert_reqs=required&ssl_ca_certs=client.pem"
        url = f"rediss://{name}:{secret}@{address}/0?{query}"
        write(f"{name}.env", [f"SHOP_BROKER_URL='{url}'", f"SHOP_RESULT_BACKEND='{url}'"])
    write("users.acl", lines)


def write(name: str, lines: list[str]) -> None:
    """Write a file that nobody else may read."""
    Path(name).unlink(missing_ok=True)
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


if __name__ == "__main__":
    make(*sys.argv[1:])

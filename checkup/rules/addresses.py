"""About the addresses of brokers and result backends that are written into the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from checkup.finding import Place, rule
from checkup.project import Project
from checkup.rules.settings import own, target_name
from checkup.source import Source

BROKERS = r"amqps?|pyamqp|rediss?|sentinel|sqs|mongodb|db\+[a-z0-9+]+|sqla\+[a-z0-9+]+"
HOST = r"(?P<host>\[[^\]]*\]|[^\s/:?@]+)"
ADDRESS = re.compile(rf"(?:{BROKERS})://", re.IGNORECASE)
WITH_HOST = re.compile(rf"(?:{BROKERS})://(?:[^\s/]*@)?{HOST}", re.IGNORECASE)
WITH_PASSWORD = re.compile(
    rf"(?:{BROKERS})://(?P<user>[^\s/@:]*):(?P<password>[^\s/]+)@{HOST}", re.IGNORECASE
)
# What an address may be given to.
ABOUT_CELERY = re.compile(r"broker|backend|celery|redis|rabbit|amqp|result", re.IGNORECASE)
OF_CELERY = re.compile(
    r"(?:celery_)?(?:broker|backend|broker_url|broker_read_url|broker_write_url|result_backend)",
    re.IGNORECASE,
)
# Calls that ask the environment, as `os.getenv`, `env.str` and decouple's `config` do.
LOOKUP = re.compile(r"env|config|secret|setting|(?:^|\.)(?:get|str|url|Field)$", re.IGNORECASE)
# No password or host, but what stands for one.
STANDS_FOR = re.compile(r"[<>{}$%*]|^(?:x+|\.+)$", re.IGNORECASE)
FOR_TRYING = re.compile(
    r"admin|changeme|example|pass|password|postgres|rabbitmq|redis|root|secret|test", re.IGNORECASE
)
LOOPBACK = re.compile(
    r"localhost|127\.[\d.]+|\[::1\]|0\.0\.0\.0|host\.docker\.internal", re.IGNORECASE
)
INSIDE = re.compile(r"\.svc(?:\.|$)|\.(?:local|localhost|internal|test|docker)$", re.IGNORECASE)
# Modules and classes that are for a laptop or a test.
FOR_LAPTOPS = re.compile(
    r"(?:^|[._])(?:dev|develop|development|local|debug|example|sample|docker|ci|test|testing)(?:$|[._])"
)


def is_lookup(source: Source, node: ast.AST) -> bool:
    """Say whether an expression asks the environment, or something like it, such as ``config("NAME")``."""
    if isinstance(node, ast.Call):
        return bool(LOOKUP.search(source.dotted(node.func)))
    return isinstance(node, ast.Subscript) and source.dotted(node.value) == "os.environ"


class Address(NamedTuple):
    """A string that is an address, and what it is given to."""

    node: ast.Constant
    url: str
    name: str
    default: bool  # it counts only when the environment says nothing


def addresses(source: Source) -> Iterator[Address]:
    """Give each address of a broker or a result backend that is written out, if a name says what it is for."""
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and ADDRESS.match(node.value)
        ):
            name, default = _given_to(source, node)
            if name:
                yield Address(node, node.value, name, default or _in_settings_class(source, node))


def _given_to(source: Source, node: ast.AST) -> tuple[str, bool]:
    default = False
    inner = node
    for outer in source.around(node):
        if isinstance(outer, ast.Call) and is_lookup(source, outer):
            default = True
        elif isinstance(outer, (ast.BoolOp, ast.IfExp)):
            default = default or any(is_lookup(source, part) for part in ast.walk(outer))
        elif not isinstance(outer, ast.List) and not (
            isinstance(outer, ast.keyword) and outer.arg == "default"
        ):
            return _name_in(outer, inner), default
        inner = outer
    return "", default


def _name_in(outer: ast.AST, inner: ast.AST) -> str:
    """Return the name that a keyword, a mapping or an assignment gives a value."""
    if isinstance(outer, ast.keyword):
        return outer.arg or ""
    if isinstance(outer, ast.Dict):
        at = next((key for key, value in zip(outer.keys, outer.values) if value is inner), None)
        return str(at.value) if isinstance(at, ast.Constant) else ""
    if isinstance(outer, ast.AnnAssign):
        return target_name(outer.target)
    if isinstance(outer, ast.Assign):
        return target_name(outer.targets[0])
    return ""


def host_of(url: str) -> str:
    """Return the host of an address, or nothing."""
    match = WITH_HOST.match(url)
    return match["host"] if match else ""


def has_password(address: Address) -> bool:
    """Say whether an address holds a password that somebody could use."""
    match = WITH_PASSWORD.match(address.url)
    if not match or STANDS_FOR.search(match["password"]) or STANDS_FOR.search(match["host"]):
        return False
    if match["password"] == "guest" or LOOPBACK.fullmatch(match["host"]):  # noqa: S105
        return False
    # A default such as `shop:shop@rabbitmq` is for the containers of a laptop.
    weak = match["password"] == match["user"] or FOR_TRYING.fullmatch(match["password"])
    return not (address.default and weak)


@rule(
    "CK303",
    "error",
    "credentials-in-source",
    "The password of a broker or a result backend is in the source code.",
    "howto/security",
)
def credentials_in_source(project: Project) -> Iterator[Place]:
    """Report addresses with a password, but not those of this machine."""
    for source in own(project):
        if FOR_LAPTOPS.search(source.module):
            continue
        for address in addresses(source):
            node, url, name, default = address
            if ABOUT_CELERY.search(name) and has_password(address):
                kind = "the default of " if default else ""
                yield Place(
                    f"{kind}{name} holds a password for {host_of(url)}, which everybody can read who has the code;"
                    " change that password, and take the address from the environment",
                    source.path,
                    node.lineno,
                )


@rule(
    "CK304",
    "warning",
    "address-in-source",
    "The address of a broker or a result backend is fixed in the source code.",
    "flask/env-files",
)
def address_in_source(project: Project) -> Iterator[Place]:
    """Report addresses of other machines that nothing can replace."""
    for source in own(project):
        if FOR_LAPTOPS.search(source.module):
            continue
        for address in addresses(source):
            node, url, name, default = address
            if (
                default
                or not OF_CELERY.fullmatch(name)
                or not is_one_server(host_of(url))
                or has_password(address)
                or STANDS_FOR.search(url)
                or _depends(source, node)
            ):
                continue
            yield Place(
                f"{name} is fixed to {host_of(url)}, so tests, laptops and production use one server;"
                " take the address from the environment",
                source.path,
                node.lineno,
            )


def is_one_server(host: str) -> bool:
    """Say whether a name or a number means the same machine everywhere; `redis` is another one in each network."""
    return "." in host and not LOOPBACK.fullmatch(host) and not INSIDE.search(host)


def _in_settings_class(source: Source, node: ast.AST) -> bool:
    """Say whether a class, such as one of pydantic-settings, may take another value from the environment."""
    return any(
        isinstance(outer, ast.ClassDef)
        and (
            any(re.search(r"Settings|Model", source.dotted(base)) for base in outer.bases)
            or bool(outer.decorator_list)
        )
        for outer in source.around(node)
    )


def _depends(source: Source, node: ast.AST) -> bool:
    """Say whether a condition, or a class for laptops, surrounds an address."""
    for outer in source.around(node):
        if isinstance(outer, (ast.If, ast.Try, ast.IfExp, ast.ExceptHandler)):
            return True
        if isinstance(outer, ast.ClassDef) and FOR_LAPTOPS.search(
            re.sub(r"(?<=[a-z])(?=[A-Z])", "_", outer.name).lower()
        ):
            return True
    return False

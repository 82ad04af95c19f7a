"""YAML: each file against the schema of the program that reads it, and what a Compose file refers to."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatch
from functools import cache
from typing import TYPE_CHECKING, Any

from verify.commands import check_command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# By the file's path: the schema that check-jsonschema carries.
SCHEMAS = {
    "*compose*.y*ml": "vendor.compose-spec",
    "*.github/workflows/*.y*ml": "vendor.github-workflows",
}
INTERPOLATION = re.compile(r"\$(?:\$|[A-Za-z_]\w*|\{[A-Za-z_]\w*(?::?[-?+][^{}]*)?\})")


def read_yaml(text: str, path: Path) -> None:
    """Read a file as its program does.

    Raises:
        ValueError: if its program would refuse it, or if nobody knows the program.

    """
    from ruamel.yaml import YAML

    kind = next((kind for pattern, kind in SCHEMAS.items() if fnmatch(str(path), pattern)), None)
    if kind is None:
        known = ", ".join(SCHEMAS)
        raise ValueError(
            f"which program reads {path.name}? Give the block a caption such as {known}"
        )
    data = YAML(typ="safe", pure=True).load(text)
    error = next(iter(sorted(validator(kind).iter_errors(data), key=lambda e: -len(e.path))), None)
    if error:
        raise ValueError(f"{'.'.join(map(str, error.absolute_path))}: {error.message}")
    if kind == "vendor.compose-spec":
        for message in compose_faults(data, path.parent):
            raise ValueError(message)


@cache
def validator(kind: str) -> Any:  # noqa: ANN401
    """Return what validates one kind of file."""
    from check_jsonschema.builtin_schemas import get_builtin_schema
    from jsonschema.validators import validator_for

    schema = get_builtin_schema(kind)
    return validator_for(schema)(schema)


def compose_faults(data: dict[str, Any], folder: Path) -> Iterator[str]:
    """Yield what the schema cannot see: names without a definition, files that do not exist."""
    services = data.get("services", {})
    for text in _strings(data):
        if "$" in INTERPOLATION.sub("", text):
            yield f"{text!r}: write ${{NAME}} for a variable and $$ for a dollar"
    for name, service in services.items():
        if not {"image", "build"} & service.keys():
            yield f"service {name}: neither image nor build"
        for fault in (
            *_dependency_faults(service.get("depends_on", {}), services),
            *_name_faults(service, data),
            *_file_faults(service, folder),
            *_build_faults(service, folder),
        ):
            yield f"service {name}: {fault}"


def _name_faults(service: dict[str, Any], data: dict[str, Any]) -> Iterator[str]:
    """Yield volumes, networks, secrets and configs that the file does not declare."""
    for kind in ("volumes", "networks", "secrets", "configs"):
        for entry in service.get(kind, []):
            name = entry if isinstance(entry, str) else entry.get("source", "")
            name = name.partition(":")[0]
            if (
                name
                and name != "default"
                and name[0] not in "./~$"
                and name not in (data.get(kind) or {})
            ):
                yield f"{name} is not declared in {kind}"


def _file_faults(service: dict[str, Any], folder: Path) -> Iterator[str]:
    """Yield files and folders that do not exist."""
    given = service.get("env_file", [])
    for entry in given if isinstance(given, list) else [given]:
        path = entry if isinstance(entry, str) else entry["path"]
        required = isinstance(entry, str) or entry.get("required", True)
        if required and not (folder / path).is_file():
            yield f"there is no {path}"
    for volume in service.get("volumes", []):
        source = volume.partition(":")[0] if isinstance(volume, str) else volume.get("source", "")
        if source.startswith(".") and not (folder / source).exists():
            yield f"there is no {source}"


def _build_faults(service: dict[str, Any], folder: Path) -> Iterator[str]:
    """Yield what does not exist in the build context: the Dockerfile, and what commands name."""
    build = service.get("build")
    if build is None:
        return
    build = {"context": build} if isinstance(build, str) else build
    context = folder / build.get("context", ".")
    dockerfile = build.get("dockerfile", "Dockerfile")
    if not (context / dockerfile).is_file():
        yield f"there is no {dockerfile} in {build.get('context', '.')}"
    for command in filter(None, map(service.get, ("entrypoint", "command"))):
        try:
            check_command(shlex.split(command) if isinstance(command, str) else command, context)
        except ValueError as exc:
            yield str(exc)


def _dependency_faults(
    wanted: dict[str, Any] | list[str], services: dict[str, Any]
) -> Iterator[str]:
    for other in wanted:
        if other not in services:
            yield f"depends_on names {other}, which is no service"
        elif isinstance(wanted, dict):
            healthy = wanted[other].get("condition") == "service_healthy"
            # An image may bring a check of its own; a file that counts on it does not say so.
            if healthy and "healthcheck" not in services[other]:
                yield f"waits for {other} to be healthy, and {other} has no healthcheck"


def _strings(value: Any) -> Iterator[str]:  # noqa: ANN401
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _strings(item)

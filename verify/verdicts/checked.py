"""`checked`: configuration, markup and scripts, read by the program that they are for.

An included file must also have been read by the checks of its project. To add a language, add a
function to `PROGRAMS` that raises when the text is wrong, or to `FILES` if it needs the file's name and place.
"""

from __future__ import annotations

import configparser
import json
import re
import shlex
import subprocess
import tomllib
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from verify.commands import check_command
from verify.dockerfile import read_dockerfile
from verify.projects import LANES, project_of
from verify.record import ROOT
from verify.systemd import read_unit
from verify.verdicts import Context, Wrong, covered
from verify.yaml_files import read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from verify.blocks import Block, Page

NAME = "checked"


def _toml(text: str) -> None:
    """Parse it, and let the packaging library read what `pip` would."""
    from packaging.requirements import Requirement

    data = tomllib.loads(text)
    for requirement in data.get("project", {}).get("dependencies", []):
        Requirement(requirement)


def _ini(text: str) -> None:
    configparser.ConfigParser().read_string(text)


class _Tags(HTMLParser):
    """Remember which tags are open."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """Open a tag, unless it never has an end."""
        if tag not in {"br", "hr", "img", "input", "link", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        if not self.open or self.open.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing")


def _jinja(text: str) -> None:
    """Parse the template, and look whether its tags are closed."""
    from jinja2 import Environment

    Environment(autoescape=True).parse(text)
    tags = _Tags()
    tags.feed(text)
    if tags.open:
        raise ValueError(f"<{tags.open[-1]}> is never closed")


def _javascript(text: str) -> None:
    import quickjs

    quickjs.Context().eval(f"(function () {{\n{text}\n}})")


def _shell(text: str) -> None:
    """Let the shell read it; the project's own sessions and files that it names must exist."""
    sessions = re.findall(r"def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"))
    for name in re.findall(r"nox -s (\w+)", text):
        if name not in sessions:
            raise ValueError(f"nox has no session {name!r}")
    for path in re.findall(r"\b(?:docs|examples)/\S+", text):
        if not (ROOT / path).exists():
            raise ValueError(f"no such file: {path}")
    run = subprocess.run(["/bin/sh", "-n"], input=text, capture_output=True, text=True, check=False)
    if run.returncode:
        raise ValueError(run.stderr)


def _yaml(text: str, path: Path, folder: Path) -> None:
    """Let the program read it: a platform a Procfile, Kubernetes its manifests, or what the path says."""
    if path.name == "Procfile":
        _procfile(text, folder)
    elif re.search(r"^apiVersion:", text, re.MULTILINE):
        _manifests(text, path, folder)
    else:
        read_yaml(text, path)


def _procfile(text: str, folder: Path) -> None:
    """Read `name: command` lines; a command may begin with variables, as in a shell."""
    names = set()
    for line in text.splitlines():
        found = re.fullmatch(r"([A-Za-z][A-Za-z0-9_-]*): +(.+)", line)
        if not found or found[1] in names:
            raise ValueError(f"{line!r} is not a new name, a colon and a command")
        names.add(found[1])
        words = shlex.split(found[2])
        while words and re.match(r"[A-Za-z_]\w*=", words[0]):
            del words[0]
        check_command(words, folder)


def _manifests(text: str, path: Path, folder: Path) -> None:
    """Validate each object against the schema of Kubernetes, and look at what it names.

    Raises:
        ValueError: if the API server would refuse it, or its controller could do nothing with it.

    """
    from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

    found = _documents(text)
    siblings = sorted({*path.parent.glob("*.y*ml")} - {path}) if path.is_file() else []
    around = [other for sibling in siblings for other in _documents(sibling.read_text("utf-8"))]
    for data in found:
        name = f"{data.get('kind')} {data.get('metadata', {}).get('name')}"
        try:
            validate(data, _kubernetes_version(), strict=True)
        except SchemaNotFoundError as exc:
            raise ValueError(f"{name}: {exc.message}") from None
        except ValidationError as exc:
            where = ".".join(map(str, exc.absolute_path))
            raise ValueError(f"{name}: {where}: {exc.message}") from None
        for fault in _manifest_faults(data, [*found, *around], folder):
            raise ValueError(f"{name}: {fault}")


def _documents(text: str) -> list[dict[str, Any]]:
    from ruamel.yaml import YAML

    return [data for data in YAML(typ="safe", pure=True).load_all(text) if data]


@cache
def _kubernetes_version() -> str:
    from kubernetes_validate import latest_version

    return latest_version()


def _manifest_faults(
    data: dict[str, Any], known: list[dict[str, Any]], folder: Path
) -> Iterator[str]:
    """Yield what the schema cannot see."""
    if "metadata" not in data or "name" not in data["metadata"]:
        yield "it has no name"
    spec = data.get("spec", {})
    template = spec.get("template")
    if data["kind"] == "Service":
        labels = [
            other["spec"]["template"]["metadata"]["labels"] for other in known if _pods(other)
        ]
        if not any(spec["selector"].items() <= found.items() for found in labels):
            yield f"no pod has the labels {spec['selector']}"
    if template is None:
        return
    if "selector" in spec:
        wanted = spec["selector"].get("matchLabels", {})
        if not wanted.items() <= template["metadata"].get("labels", {}).items():
            yield f"its pods do not have the labels {wanted}"
    pod = template["spec"]
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in volumes.values()
        if "persistentVolumeClaim" in volume
    }
    for claim in claims - _names(known, "PersistentVolumeClaim"):
        yield f"no file here has the claim {claim}"
    for container in pod["containers"]:
        for fault in _container_faults(container, volumes, known, folder):
            yield f"container {container['name']}: {fault}"


def _container_faults(
    container: dict[str, Any],
    volumes: dict[str, Any],
    known: list[dict[str, Any]],
    folder: Path,
) -> Iterator[str]:
    for mount in container.get("volumeMounts", []):
        if mount["name"] not in volumes:
            yield f"{mount['name']} is not one of the volumes"
    for source in container.get("envFrom", []):
        settings = source.get("configMapRef", {}).get("name")
        if settings and settings not in _names(known, "ConfigMap"):
            yield f"no file here has the ConfigMap {settings}"
    ports = {port.get("name") for port in container.get("ports", [])}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        port = container.get(probe, {}).get("httpGet", {}).get("port")
        if isinstance(port, str) and port not in ports:
            yield f"{probe} asks the port {port}, which it does not have"
    words = [*container.get("command", []), *container.get("args", [])]
    if words:
        try:
            check_command(words, folder)
        except ValueError as exc:
            yield str(exc)


def _names(known: list[dict[str, Any]], kind: str) -> set[str]:
    return {other["metadata"]["name"] for other in known if other["kind"] == kind}


def _pods(data: dict[str, Any]) -> bool:
    return "labels" in data.get("spec", {}).get("template", {}).get("metadata", {})


PROGRAMS: dict[str, Callable[[str], object]] = {
    "toml": _toml,
    "ini": _ini,
    "json": json.loads,
    "html": _jinja,
    "jinja": _jinja,
    "html+jinja": _jinja,
    "javascript": _javascript,
    "js": _javascript,
    "sh": _shell,
    "shell": _shell,
    "bash": _shell,
}
# They read whole files, also where a page shows a part: text, path, and the folder of the project.
FILES: dict[str, Callable[[str, Path, Path], object]] = {
    "yaml": _yaml,
    "dockerfile": lambda text, _, folder: read_dockerfile(text, folder),
    "systemd": read_unit,
}


def claims(block: Block) -> bool:
    """Any language with a program in `PROGRAMS` or `FILES`."""
    return block.language in PROGRAMS or block.language in FILES


jobs = covered.jobs


def read(block: Block, page: Page, root: Path) -> None:
    """Let the program read the text; raise whatever it has against it."""
    if block.language in PROGRAMS:
        PROGRAMS[block.language](block.text)
    elif block.include:
        path = block.include.path
        folder = project_of(path, root) or path.parent
        FILES[block.language](path.read_text(encoding="utf-8"), path, folder)
    else:
        sandbox = page.marks.get("sandbox", "empty")
        folder = page.path.parent if sandbox == "empty" else root / sandbox
        FILES[block.language](block.text, folder / block.caption, folder)


def judge(block: Block, page: Page, context: Context) -> list[str]:
    """Let the program read the text."""
    try:
        read(block, page, context.root)
    except Exception as exc:
        raise Wrong(f"not valid {block.language}: {exc}") from exc
    if block.include is None:
        return []
    runs = covered.runs_of(block, context)
    project = project_of(block.include.path, context.root)
    assert project
    name = block.include.path.relative_to(project).as_posix()
    if name == "pyproject.toml":  # pytest itself reads it, before the checks
        return list(LANES)
    readers = [lane for lane, run in runs.items() if name in run.opened]
    if not readers:
        raise Wrong(f"no check of {project.relative_to(context.root)} reads {name}")
    return readers

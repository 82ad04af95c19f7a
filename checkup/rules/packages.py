"""About what is installed: packages that do not fit each other, or that a broker or a result backend needs."""

from __future__ import annotations

import importlib
import os
import platform
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from typing import Any, NamedTuple

from checkup.finding import Place, rule
from checkup.project import Project
from checkup.rules.settings import settings_of, where_set

FAMILY = {"amqp", "billiard", "celery", "kombu", "vine"}
VERSION = re.compile(
    r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_n>\d*))?
    (?P<post>-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?
    (?P<dev>[-_.]?dev[-_.]?\d*)?
    (?:\+[a-z0-9.]+)?""",
    re.VERBOSE,
)
REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?(?P<versions>[^;()@]*)\)?\s*(?:;(?P<marker>.*))?"
)
SPECIFIER = re.compile(r"(?P<operator>===|~=|==|!=|<=|>=|<|>)\s*(?P<version>[^\s,]+)")
COMPARISON = re.compile(
    r"""(?P<name>\w+)\s*(?P<operator>==|!=|<=|>=|<|>)\s*(?P<quote>['"])(?P<value>[^'"]*)(?P=quote)"""
)
# What each kind of broker and of result backend imports, and what brings it.
NEEDS = {
    "redis": ("redis", "celery[redis]"),
    "rediss": ("redis", "celery[redis]"),
    "sentinel": ("redis", "celery[redis]"),
    "sqs": ("boto3", "celery[sqs]"),
    "mongodb": ("pymongo", "celery[mongodb]"),
    "zookeeper": ("kazoo", "celery[zookeeper]"),
    "confluentkafka": ("confluent_kafka", "kombu[confluentkafka]"),
    "gcpubsub": ("google.cloud.pubsub_v1", "celery[gcpubsub]"),
    "azureservicebus": ("azure.servicebus", "kombu[azureservicebus]"),
    "azurestoragequeues": ("azure.storage.queue", "kombu[azurestoragequeues]"),
    "sqla": ("sqlalchemy", "celery[sqlalchemy]"),
    "sqlalchemy": ("sqlalchemy", "celery[sqlalchemy]"),
    "db": ("sqlalchemy", "celery[sqlalchemy]"),
    "database": ("sqlalchemy", "celery[sqlalchemy]"),
    "dynamodb": ("boto3", "celery[dynamodb]"),
    "s3": ("boto3", "celery[s3]"),
    "elasticsearch": ("elasticsearch", "celery[elasticsearch]"),
    "django-db": ("django_celery_results", "django-celery-results"),
    "django-cache": ("django_celery_results", "django-celery-results"),
}

Key = tuple[Any, ...]


class Together(NamedTuple):
    """Two packages whose own requirements allow what does not work."""

    name: str
    versions: str
    other: str
    other_versions: str
    why: str


# Only what was seen to fail.
BAD = (
    Together(
        "django-celery-beat",
        "==2.1.0",
        "celery",
        ">=5.7",
        "its scheduler ends with 'zoneinfo.ZoneInfo' object has no attribute 'localize'; pip chooses this old"
        " version when a newer one does not allow your Django: install a Django that the newest one allows",
    ),
)


def normal(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def key(version: str) -> Key | None:
    """Return what versions are ordered by, or None for a version of another kind."""
    match = VERSION.fullmatch(version.strip().lower())
    if not match:
        return None
    release = [int(part) for part in match["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    post, dev = (
        None if match[name] is None else int(re.sub(r"\D", "", match[name]) or 0)
        for name in ("post", "dev")
    )
    pre: tuple[Any, ...] = (1,)  # a final release comes after its candidates
    if match["pre"]:
        kind = match["pre"][0] if match["pre"] in {"a", "alpha", "b", "beta"} else "rc"
        pre = (0, kind, int(match["pre_n"] or 0))
    elif post is None and dev is not None:
        pre = (-1,)
    return (
        int(match["epoch"] or 0),
        tuple(release),
        pre,
        -1 if post is None else post,
        (1,) if dev is None else (0, dev),
    )


def fits(version: str, specifiers: str) -> bool | None:
    """Say whether a version is allowed, or None when that is not certain."""
    specifiers = specifiers.strip()
    if not specifiers:
        return True
    answers = []
    for specifier in specifiers.split(","):
        match = SPECIFIER.fullmatch(specifier.strip())
        answers.append(_fits(version, match["operator"], match["version"]) if match else None)
    if False in answers:
        return False
    return None if None in answers else True


def _fits(version: str, operator: str, wanted: str) -> bool | None:
    if operator in {"==", "!="} and wanted.endswith(".*"):
        inside = _begins_with(version, wanted[:-2])
        return inside if inside is None or operator == "==" else not inside
    have, bound = key(version), key(wanted)
    if have is None or bound is None or operator == "===":
        return None
    if operator == "~=":
        inside = _begins_with(version, wanted.rpartition(".")[0])
        return None if inside is None else inside and have >= bound
    if operator in {"<", ">"} and have[:2] == bound[:2] and have != bound:
        return None  # candidates and post-releases of the bound have rules of their own
    return {
        "==": have == bound,
        "!=": have != bound,
        "<=": have <= bound,
        ">=": have >= bound,
        "<": have < bound,
        ">": have > bound,
    }[operator]


def _begins_with(version: str, prefix: str) -> bool | None:
    have, wanted = VERSION.fullmatch(version.lower()), re.fullmatch(r"\d+(?:\.\d+)*", prefix)
    if not have or not wanted or have["epoch"]:
        return None
    numbers = [int(part) for part in have["release"].split(".")]
    beginning = [int(part) for part in prefix.split(".")]
    numbers += [0] * (len(beginning) - len(numbers))
    return numbers[: len(beginning)] == beginning


def applies(marker: str | None) -> bool:
    """Say whether a requirement is certain to count here; one of an extra is not."""
    if not marker or not marker.strip():
        return True
    here = {
        "python_version": "{}.{}".format(*sys.version_info[:2]),
        "python_full_version": platform.python_version(),
        "sys_platform": sys.platform,
        "os_name": os.name,
        "platform_system": platform.system(),
        "platform_python_implementation": platform.python_implementation(),
    }
    for part in marker.split(" and "):
        match = COMPARISON.fullmatch(part.strip())
        if not match or match["name"] not in here:
            return False
        value = here[match["name"]]
        if match["name"].startswith("python"):
            holds = _fits(value, match["operator"], match["value"])
        else:
            holds = {"==": value == match["value"], "!=": value != match["value"]}.get(
                match["operator"]
            )
        if not holds:
            return False
    return True


def installed() -> dict[str, metadata.Distribution]:
    """Return what is installed, by its name; the first on the path counts, as for an import."""
    return _installed(tuple(sys.path))


@lru_cache(maxsize=2)
def _installed(path: tuple[str, ...]) -> dict[str, metadata.Distribution]:
    found: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions(path=list(path)):
        about = distribution.metadata  # nothing, where a folder is all that is left of a package
        if about and "Name" in about and "Version" in about:
            found.setdefault(normal(about["Name"]), distribution)
    return found


def requirements(distribution: metadata.Distribution) -> Iterator[tuple[str, str]]:
    """Give the name and the versions of each requirement that counts here."""
    for text in distribution.requires or ():
        match = REQUIREMENT.fullmatch(text.strip())
        if match and applies(match["marker"]):
            yield normal(match["name"]), match["versions"].strip()


@rule(
    "CK101",
    "error",
    "requirement-not-met",
    "A package of the Celery family requires another version of a package than the installed one.",
    "howto/upgrade",
)
def requirement_not_met(project: Project) -> Iterator[Place]:
    """Report the requirements of Celery, of what it is made of, and of what requires it."""
    packages = installed()
    for name, distribution in sorted(packages.items()):
        wanted = dict(requirements(distribution))
        if name not in FAMILY and not {"celery", "kombu"} & set(wanted):
            continue
        for other, versions in sorted(wanted.items()):
            if other not in packages:
                problem = "it is not installed"
            elif fits(packages[other].version, versions) is False:
                problem = f"{packages[other].version} is installed"
            else:
                continue
            yield Place(
                f"{name} {distribution.version} requires {other}{versions}, and {problem};"
                " install versions that fit, both in one command"
            )


def schemes(urls: object) -> Iterator[str]:
    """Give what stands before the ``://`` of each URL, without a driver's name."""
    for urls_or_url in urls if isinstance(urls, (list, tuple)) else [urls]:
        for url in urls_or_url.split(";") if isinstance(urls_or_url, str) else ():
            scheme = url.strip().partition("://")[0].partition("+")[0].lower()
            if re.fullmatch(r"[a-z][a-z0-9-]*", scheme):  # else the path of a class
                yield scheme


def missing(module: str) -> bool:
    """Say whether a module cannot be found."""
    try:
        return find_spec(module) is None
    except (ImportError, ValueError):
        return True


def broken_redis() -> str:
    """Return the module that Celery's transport for Redis lacks besides ``redis``, if any."""
    try:
        importlib.import_module("kombu.transport.redis")
    except ModuleNotFoundError as error:
        return error.name or ""
    except Exception:  # noqa: BLE001 - something else, which is not certain to be about packages
        return ""
    return ""


@rule(
    "CK102",
    "error",
    "transport-not-installed",
    "The broker or the result backend needs a Python package that is not installed.",
    "howto/upgrade",
    needs_app=True,
)
def transport_not_installed(project: Project) -> Iterator[Place]:
    """Report the package that the scheme of an address needs."""
    conf = settings_of(project)
    if conf is None:
        return
    for setting, urls in (
        ("broker_url", conf.get("broker_transport") or conf.broker_url),
        ("result_backend", conf.result_backend),
    ):
        for scheme in dict.fromkeys(schemes(urls)):
            module, package = NEEDS.get(scheme, ("", ""))
            lacks = module if module and missing(module) else ""
            if not lacks and module == "redis" and missing("packaging"):
                lacks = broken_redis()
            if lacks:
                said = f"{scheme}://" if "://" in str(urls) else scheme
                yield Place(
                    f"{setting} is {said}, which needs the module {lacks}, and that is not installed;"
                    f" install {package}",
                    *where_set(project, setting),
                )


@rule(
    "CK103",
    "warning",
    "versions-not-together",
    "Two installed packages allow each other and do not work together.",
    "django/versions",
)
def versions_not_together(project: Project) -> Iterator[Place]:
    """Report the combinations that were seen to fail."""
    packages = installed()
    for bad in BAD:
        one, other = packages.get(bad.name), packages.get(bad.other)
        if not one or not other:
            continue
        if fits(one.version, bad.versions) and fits(other.version, bad.other_versions):
            yield Place(
                f"{bad.name} {one.version} does not work with {bad.other} {other.version}: {bad.why}"
            )

"""Findings as text, JSON or SARIF."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from checkup.finding import RULES, SEVERITIES, Finding, Rule
from checkup.project import Project
from checkup.site import address

# The page with the section about a rule, by the first digit of its code.
PAGES = {
    "1": "checkup/app",
    "2": "checkup/app",
    "3": "checkup/settings",
    "4": "checkup/tasks",
    "5": "checkup/flask",
    "6": "checkup/django",
    "7": "checkup/fastapi",
}
SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def page_of(rule: Rule) -> str:
    """Return the address of the section about a rule."""
    return address(PAGES[rule.code[2]], rule.code.lower())


def place_of(finding: Finding, project: Project) -> str:
    """Return file and line, as an editor can follow them, or the app."""
    if finding.place.path is None:
        return f"-A {project.app_name}"
    path = project.relative(finding.place.path).as_posix()
    return f"{path}:{finding.place.line}" if finding.place.line else path


def text(findings: list[Finding], project: Project, skipped: Iterable[Rule]) -> str:
    """Return three lines for each finding, and the sum."""
    lines = []
    for finding in findings:
        rule = finding.rule
        lines += [
            f"{place_of(finding, project)}: {rule.code} {rule.severity}: {finding.place.message}",
            f"    {page_of(rule)}",
        ]
    for path, line, why in project.unreadable:
        lines.append(f"{project.relative(path).as_posix()}:{line}: not read: {why}")
    skipped = list(skipped)
    if skipped:
        codes = ", ".join(sorted(rule.code for rule in skipped))
        lines.append(f"Not checked, as the Celery app could not be loaded: {codes}")
    counts = Counter(finding.rule.severity for finding in findings)
    said = ", ".join(f"{counts[name]} {name}{'s' * (counts[name] != 1)}" for name in SEVERITIES)
    files, tasks = len(project.sources), len(project.registered)
    lines.append(
        f"{files} file{'s' * (files != 1)}, "
        + (f"{tasks} task{'s' * (tasks != 1)}" if project.app is not None else "no app")
        + f": {said}"
    )
    return "\n".join(lines) + "\n"


def as_json(findings: list[Finding], project: Project, skipped: Iterable[Rule]) -> str:
    """Return an object with the findings; a finding without a file has ``null`` as its path."""
    found = [
        {
            "code": finding.rule.code,
            "name": finding.rule.name,
            "severity": finding.rule.severity,
            "path": None
            if finding.place.path is None
            else project.relative(finding.place.path).as_posix(),
            "line": finding.place.line or None,
            "message": finding.place.message,
            "page": page_of(finding.rule),
        }
        for finding in findings
    ]
    unread = [
        {"path": project.relative(path).as_posix(), "line": line, "message": why}
        for path, line, why in project.unreadable
    ]
    about: dict[str, Any] = {
        "framework": project.framework,
        "app": project.app_name,
        "files": len(project.sources),
        "tasks": len(project.registered),
        "findings": found,
        "not_read": unread,
        "not_checked": sorted(rule.code for rule in skipped),
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def as_sarif(findings: list[Finding], project: Project, skipped: Iterable[Rule]) -> str:
    """Return a log in SARIF 2.1.0, as code hosts read it; its rules are all that were checked."""
    left_out = {rule.code for rule in skipped}
    rules = [
        rule
        for rule in sorted(RULES.values(), key=lambda rule: rule.code)
        if rule.code not in left_out
    ]
    index = {rule.code: number for number, rule in enumerate(rules)}
    results = []
    for finding in findings:
        result: dict[str, Any] = {
            "ruleId": finding.rule.code,
            "ruleIndex": index[finding.rule.code],
            "level": LEVELS[finding.rule.severity],
            "message": {"text": finding.place.message},
        }
        if finding.place.path is not None:
            location: dict[str, Any] = {
                "artifactLocation": {"uri": project.relative(finding.place.path).as_posix()}
            }
            if finding.place.line:
                location["region"] = {"startLine": finding.place.line}
            result["locations"] = [{"physicalLocation": location}]
        results.append(result)
    described = [
        {
            "id": rule.code,
            "name": rule.name,
            "shortDescription": {"text": rule.summary},
            "defaultConfiguration": {"level": LEVELS[rule.severity]},
            **({"helpUri": page_of(rule)} if "://" in page_of(rule) else {}),
        }
        for rule in rules
    ]
    driver = {"name": "checkup", "rules": described}
    log = {
        "version": "2.1.0",
        "$schema": SARIF,
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


FORMATS = {"text": text, "json": as_json, "sarif": as_sarif}

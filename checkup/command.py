"""The command line."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from checkup import report, rules
from checkup.finding import FRAMEWORKS, RULES, Finding, Rule
from checkup.project import Project, load

FOUND, NOT_COMPLETE = 1, 2  # exit statuses


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="checkup", description="Look for what goes wrong with Celery in a web project."
    )
    parser.add_argument("framework", choices=FRAMEWORKS)
    parser.add_argument("-A", "--app", required=True, metavar="MODULE:APP", help="as for celery -A")
    parser.add_argument(
        "path", nargs="?", default=".", help="the root of the project (default: here)"
    )
    parser.add_argument(
        "--web", default="", metavar="MODULE:APP", help="the app of the web process"
    )
    parser.add_argument("--settings", default="", metavar="MODULE", help="DJANGO_SETTINGS_MODULE")
    parser.add_argument("--select", default="", metavar="CODES", help="only these: CK1,CK302")
    parser.add_argument("--ignore", default="", metavar="CODES", help="all but these")
    parser.add_argument("--format", choices=sorted(report.FORMATS), default="text")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "note", "never"),
        default="warning",
        help="the least finding for which the exit status is 1 (default: warning)",
    )
    parser.add_argument(
        "--run",
        choices=("memory", "broker"),
        help="also send tasks: to a worker in this process, or to yours over its broker",
    )
    return parser


def load_rules() -> None:
    """Import every module of rules."""
    for module in pkgutil.iter_modules(rules.__path__):
        importlib.import_module(f"{rules.__name__}.{module.name}")


def chosen(framework: str, select: str, ignore: str) -> list[Rule]:
    """Return the rules of a framework, by their codes; an option names codes or their beginnings.

    Raises:
        ValueError: if an option names no rule.

    """
    wanted, unwanted = (
        tuple(code.strip().upper() for code in option.split(",") if code.strip())
        for option in (select, ignore)
    )
    for code in (*wanted, *unwanted):
        if not any(known.startswith(code) for known in RULES):
            raise ValueError(
                f"no rule begins with {code}; the codes are {', '.join(sorted(RULES))}"
            )
    return [
        rule
        for code, rule in sorted(RULES.items())
        if framework in rule.frameworks
        and (not wanted or code.startswith(wanted))
        and not (unwanted and code.startswith(unwanted))
    ]


def check(
    project: Project, selected: Iterable[Rule]
) -> tuple[list[Finding], list[Rule], list[tuple[Rule, Exception]]]:
    """Return what the rules find, by place, the rules that could not look, and those that failed."""
    findings: list[Finding] = []
    skipped, failed = [], []
    for rule in selected:
        if rule.needs_app and project.app is None:
            skipped.append(rule)
            continue
        try:
            findings += [Finding(rule, place) for place in rule.check(project)]
        except Exception as error:  # noqa: BLE001 - one rule must not hide what the others find
            failed.append((rule, error))

    def order(finding: Finding) -> tuple[str, int, str]:
        return (str(finding.place.path or ""), finding.place.line, finding.rule.code)

    return sorted(findings, key=order), skipped, failed


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a project, print what was found, and return the exit status."""
    load_rules()
    options = parser().parse_intermixed_args(arguments)
    root = Path(options.path)
    if not root.is_dir():
        sys.stderr.write(f"checkup: {root} is not a folder; name the root of your project\n")
        return NOT_COMPLETE
    try:
        selected = chosen(options.framework, options.select, options.ignore)
    except ValueError as error:
        sys.stderr.write(f"checkup: {error}\n")
        return NOT_COMPLETE
    try:
        import celery  # noqa: F401
    except ImportError:
        sys.stderr.write(
            f"checkup: {sys.executable} has no Celery; run checkup with the Python of your project\n"
        )
        return NOT_COMPLETE
    project = load(root, options.framework, options.app, options.web, options.settings)
    findings, skipped, broken = check(project, selected)
    sys.stdout.write(report.FORMATS[options.format](findings, project, skipped))
    severities = ("error", "warning", "note")
    least = severities.index(options.fail_on) if options.fail_on in severities else -1
    failed = any(severities.index(finding.rule.severity) <= least for finding in findings)
    if options.run:
        from checkup.trial import run

        # Lines for people go where they do not spoil a file of findings.
        stream = sys.stdout if options.format == "text" else sys.stderr
        failed = not run(project, options.run, stream) or failed
    sys.stdout.flush()
    for rule, defect in broken:
        why = f"{type(defect).__name__}: {defect}"
        sys.stderr.write(
            f"checkup: {rule.code} fails on this project, a defect of checkup: {why}\n"
        )
    return NOT_COMPLETE if broken else FOUND if failed else 0

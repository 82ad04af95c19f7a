"""The reader's Python files: parsed, with their names resolved to dotted ones."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Union

# Folders whose code is not the project's own.
FOREIGN = {
    "__pycache__",
    "build",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
    "env",
    "virtualenv",
}
FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef]


@dataclass
class Source:
    """One file of Python that compiles."""

    path: Path
    module: str  # its dotted name, from the root of the project
    tree: ast.Module
    # What a name at the top of the file, or imported anywhere in it, is elsewhere: {"delay_on": "shop.tasks.delay_on"}.
    names: dict[str, str] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    @property
    def is_test(self) -> bool:
        """Whether the file is a test or serves tests; the rules about tasks leave it alone."""
        parts = self.module.split(".")  # a project may lie in a folder called test
        name = self.path.name
        return (
            bool({"tests", "test", "testing"} & set(parts))
            or name.startswith("test_")
            or name.endswith("_test.py")
            or name in {"conftest.py", "tests.py"}
        )

    def dotted(self, node: ast.AST) -> str:
        """Return the dotted name that an expression stands for, or ``""``.

        A name that nothing in this file imports or defines is its own: ``open`` is ``"open"``.
        """
        if isinstance(node, ast.Name):
            return self.names.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def calls(self) -> Iterator[ast.Call]:
        """Give each call of the file."""
        return iter(self._calls)

    @cached_property
    def _calls(self) -> list[ast.Call]:
        return [node for node in self.parents if isinstance(node, ast.Call)]

    def functions(self) -> Iterator[FunctionNode]:
        """Give each function of the file, also methods and inner ones."""
        return iter(self._functions)

    @cached_property
    def _functions(self) -> list[FunctionNode]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        return [node for node in self.parents if isinstance(node, kinds)]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """Give what encloses a node, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """Return the innermost function around a node; a lambda counts as none of its own, so as the end."""
        for outer in self.around(node):
            if isinstance(outer, ast.Lambda):
                return None
            if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return outer
        return None


def read(path: Path, root: Path) -> Source:
    """Read a file.

    Raises:
        SyntaxError: if it is not Python of this version.
        ValueError: if it holds a null byte.

    """
    tree = ast.parse(path.read_bytes(), filename=str(path))
    relative = path.relative_to(root).with_suffix("")
    parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
    source = Source(path, ".".join(parts), tree)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            source.parents[child] = node
    source.names.update(_defined(tree, source.module))
    package = parts if path.name == "__init__.py" else parts[:-1]
    for node in source.parents:  # `from shop.tasks import x` says more than a definition here
        source.names.update(_imported(node, package))
    return source


def _defined(tree: ast.Module, module: str) -> Iterator[tuple[str, str]]:
    """Give the names that a module defines at its top, also below ``if`` and ``try``."""
    waiting: list[ast.AST] = list(reversed(tree.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.If, ast.Try, ast.ExceptHandler)):
            waiting += reversed(list(ast.iter_child_nodes(node)))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, f"{module}.{node.name}"
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, f"{module}.{target.id}"


def _imported(node: ast.AST, package: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give the names that a statement imports into a module of this package."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            yield name, alias.name if alias.asname else name
    elif isinstance(node, ast.ImportFrom):
        start = package[: len(package) - node.level + 1] if node.level else ()
        base = ".".join([*start, *([node.module] if node.module else [])])
        for alias in node.names:
            yield alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name


def python_files(root: Path) -> Iterator[Path]:
    """Give the project's own Python files, without virtual environments and what builds have left."""
    for folder, below, names in os.walk(root):
        here = Path(folder)
        below[:] = sorted(
            name
            for name in below
            if name not in FOREIGN
            and not name.startswith(".")
            and not name.endswith(".egg-info")
            and not (here / name / "pyvenv.cfg").exists()
        )
        yield from (here / name for name in sorted(names) if name.endswith(".py"))

"""What the sources say of the rooms: the order in which each is told, and who imports whom."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def tree(path: Path) -> ast.Module:
    """Return a source file as a tree."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def told(package: str) -> list[str]:
    """Return the lines that tell a room's story: in its `__init__`, or in CONTRIBUTING.md."""
    if package in ("autograd", "nn"):
        text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        return text.partition(f"```\n{package}\n")[2].partition("\n```")[0].splitlines()
    place = ROOT.joinpath(*package.split("."), "__init__.py")
    return str(ast.get_docstring(tree(place), clean=False)).splitlines()


def story(package: str) -> list[tuple[list[str], list[str]]]:
    """Return the layers of a room's story, bottom up: the names, and what is said of each.

    A layer is a line, `    names, with commas   what each is; with semicolons`, or several.
    """
    found: list[tuple[list[str], str]] = []
    for line in told(package):
        layer = re.match(r"    (\w+(?:, \w+)*)(?=\s|$)(.*)", line)
        if layer:
            found.append((layer[1].split(", "), layer[2]))
        elif found and line.startswith(" " * 5):
            found[-1] = found[-1][0], f"{found[-1][1]} {line.strip()}"
    return [(names, text.strip().split("; ")) for names, text in found]


@cache
def layers(package: str) -> dict[str, int]:
    """Return on which line of its room's story each module or room stands.

    A file imports from lines above its own, never from its own line. A room without such lines is
    one of equals.
    """
    found = [names for names, _ in story(package)]
    if not found:  # a room of equals: "every file here is one"
        folder = ROOT.joinpath(*package.split("."))
        found = [[path.stem for path in folder.glob("*.py") if path.stem != "__init__"]]
    table = {place: layer for layer, places in enumerate(found) for place in places}
    return {"__init__": len(table), **table}  # above everything, unless the story says more


def is_module(name: str) -> bool:
    """Return whether there is a file or folder of this name."""
    place = ROOT.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def modules_imported(path: Path) -> set[str]:
    """Return every module of these packages that is imported anywhere in a file, by full name."""
    if path.suffix != ".py":
        return compiled_imports(path)
    found = set()
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            names = {f"{statement.module}.{alias.name}" for alias in statement.names}
            inside = {name for name in names if is_module(name)}
            found |= inside or {str(statement.module)}
    return {name for name in found if name.partition(".")[0] in ("autograd", "nn")}


def compiled_imports(path: Path) -> set[str]:
    """Return the rooms of `autograd` that a file in Cython imports from."""
    return rooms_named(path.read_text(encoding="utf-8"))


def rooms_named(text: str) -> set[str]:
    """Return the rooms of `autograd` that a text in Cython imports from, wherever it does.

    Example:
        >>> sorted(rooms_named("import autograd.graph as g; from autograd import (a, b)"))
        ['autograd.a', 'autograd.b', 'autograd.graph']
    """
    found = re.findall(r"(?:from |import_module\(\"|\bimport )autograd\.(\w+)", text)
    for listed, line in re.findall(r"\bfrom autograd (?:c?import) (?:\(([^)]*)\)|(.*))", text):
        found += re.findall(r"\w+", listed or line)
    return {f"autograd.{name}" for name in found}

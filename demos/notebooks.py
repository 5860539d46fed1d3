"""Write the notebooks again, from the demonstrations and from the lecture's own program.

    python demos/notebooks.py            write demos/notebooks/*.ipynb
    python demos/notebooks.py --check    write none, and fail if one would be another

A demonstration becomes cells as it is told: what it says first, its functions, each part of its
story under its heading, and its picture. Nothing is said twice; what is run is the same code.
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from showing import HERE

FOLDER = HERE / "notebooks"
LECTURE = HERE / "micrograd_lecture.py"
TOURS = {
    "tour": (
        "A tour for learners: from a first graph to networks that learn",
        ["01_first_graph", "02_two_paths", "03_topological_order", "05_perceptron", "06_mlp",
         "08_flat_gradient", "10_equal_weights", "14_collapse"],
    ),
    "verification": (
        "Verification for practitioners: gradients, checked and debugged",
        ["04_find_the_bug", "07_by_hand", "19_debugging"],
    ),
}  # fmt: skip
Cell = tuple[str, str]  # "markdown" or "code", and its text


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the notebooks, or compare them; return how many are not as they were."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare and write nothing")
    check = parser.parse_args(arguments).check
    FOLDER.mkdir(exist_ok=True)
    changed = 0
    for name, text in notebooks().items():
        path = FOLDER / name
        same = path.exists() and path.read_text(encoding="utf-8") == text
        print(f"{name:28s}{len(text.encode()):8d} bytes   {'the same' if same else 'another'}")
        changed += not same
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
    return changed if check else 0


def notebooks() -> dict[str, str]:
    """Return the notebooks by their file names."""
    found = {
        f"{name}.ipynb": written([("markdown", f"# {title}"), ("code", SETUP), *told(demos)])
        for name, (title, demos) in TOURS.items()
    }
    title, *rest = lecture(LECTURE)
    found["micrograd_lecture.ipynb"] = written([title, ("code", SETUP), *rest])
    return found


SETUP = """import sys
from pathlib import Path

# In a checkout that is not installed; the demonstrations share a small module.
sys.path += [str(Path.cwd().parent), str(Path.cwd().parents[1])]"""


def told(names: Sequence[str]) -> Iterator[Cell]:
    """Yield the cells of demonstrations, one after the other."""
    for name in names:
        yield from cells(HERE / f"{name}.py")


def cells(path: Path) -> Iterator[Cell]:
    """Yield the cells of a demonstration: its functions first, then its story, then its picture."""
    text = path.read_text(encoding="utf-8")
    module = ast.parse(text)
    title, _, rest = (ast.get_docstring(module) or "").partition("\n\n")
    yield "markdown", f"## {title.rstrip('.')}\n\n{rest.partition('    python')[0].strip()}"
    story: list[ast.stmt] = []
    lines = ""
    for statement in module.body[1:]:
        if isinstance(statement, ast.FunctionDef) and statement.name == "main":
            story = statement.body
        elif isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            lines += f"\n\n{cut(text, statement)}\n"
        elif not isinstance(statement, ast.If):
            lines += f"{cut(text, statement)}\n"
    yield "code", lines.strip()
    for heading, statements in chapters(story):
        if heading:
            yield "markdown", f"### {heading}"
        if statements:
            yield "code", "\n".join(cut(text, one, dedent=4) for one in statements)
    yield "code", "picture()"


def chapters(story: Sequence[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Yield the statements under each heading of a story."""
    heading, statements = "", []
    for one in story:
        match one:
            case ast.Expr(ast.Call(ast.Name("heading"), [ast.Constant(str(title))])):
                yield heading, statements
                heading, statements = title, []
            case _:
                statements.append(one)
    yield heading, statements


def cut(text: str, statement: ast.stmt, dedent: int = 0) -> str:
    """Return the lines of a statement, with its decorators and the comments right above it."""
    lines = text.splitlines()
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
    while lines[first - 2].lstrip().startswith("#"):
        first -= 1
    return "\n".join(line[dedent:] for line in lines[first - 1 : statement.end_lineno])


def lecture(path: Path) -> Iterator[Cell]:
    """Yield the cells of a program that begins each with `# %%`, and a heading where it has one."""
    text = path.read_text(encoding="utf-8")
    title, _, rest = (ast.get_docstring(ast.parse(text)) or "").partition("\n\n")
    yield "markdown", f"# {title.rstrip('.')}\n\n{rest.partition('`notebooks.py`')[0].strip()}"
    for part in text.split("\n# %%")[1:]:
        heading, _, code = part.partition("\n")
        if heading:
            yield "markdown", f"## {heading.strip()}"
        yield "code", code.strip()


def written(given: Sequence[Cell]) -> str:
    """Return a notebook as Jupyter writes it, without outputs."""
    made = []
    for number, (kind, text) in enumerate(given):
        cell = {"cell_type": kind, "id": f"cell-{number}", "metadata": {}}
        if kind == "code":
            cell |= {"execution_count": None, "outputs": []}
        made.append(cell | {"source": text.splitlines(keepends=True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())

"""Which file may know which: read from the sources with `ast`, held against one table."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import autograd
import nn

ENGINE = Path(autograd.__file__).parent
NETWORKS = Path(nn.__file__).parent

# From the bottom up: a file imports only from files before it. A new file is placed here.
ORDER = [
    "files",
    "version", "carriers", "graph", "special_functions", "special_in_c", "primitive", "structure",
    "primitives", "recording", "operators", "formula", "naming", "reverse", "copying", "operations",
    "value", "native", "selection", "forward", "functional", "program", "path_counts",
    "path_search", "verification",
    "render", "operations_table", "stubs", "__init__", "__main__",
]  # fmt: skip
# The same inside the room of verification.
VERIFICATION = [
    "noise", "extrapolation", "sampling", "sweeping", "closer", "differences", "verdicts",
    "culprits", "points", "claims", "comparing", "projecting",
    "foreign", "checking", "gradcheck",
    "anomalies", "connections", "kinds", "jets", "intervals", "complex_step", "digits", "replay",
    "oracles", "broken_sweeps", "quiet_mutants", "mutants",
]  # fmt: skip

# The same inside the room of programs: what code is, what becomes of it, what runs it.
PROGRAM = [
    "collector", "locks", "numpy_arrays", "once", "ranges", "signature", "native", "code",
    "listing", "checking", "failing", "tracing", "identities", "numbering",
    "builder", "partial_codes", "differentiation", "fusion", "derived", "packs", "addresses",
    "assembly", "emission", "points", "calling", "columns", "array_columns",
    "reading_columns", "results", "batches", "lane_operations", "lanes", "rows", "variant",
    "recorder", "row_results", "eager_rows", "row_groups", "batch_runs", "row_order",
    "optimizer_states", "optimizers", "interrupts", "course", "training", "strict",
    "stored_shapes", "description", "storage", "program", "compiling", "__init__",
]  # fmt: skip

# Pickles are read by name, the compiled engine may be missing, drawing waits until asked for.
LATE_BY_NAME = {
    "primitive": {"autograd.primitives"},
    "copying": {"autograd.selection"},
    "selection": {"autograd.native.engine"},
    "program": {"autograd.native.machine"},
    "__init__": {"autograd.render"},
}
READERS = {"path_counts", "path_search", "render", "program", "operations_table"}
READ_BY_ENGINE = set(ORDER[: ORDER.index("functional") + 1])

# Modules of the other distribution that is imported as `autograd`, and names that say nothing.
FORBIDDEN = {
    "utils", "core", "util", "tracer", "extend", "builtins", "misc", "numpy", "scipy",
    "wrap_util", "test_util",
    "differential_operators",
}  # fmt: skip


def room(path: Path) -> str:
    """The file's place in the table: a package inside the engine counts as one."""
    inside = path.relative_to(ENGINE).parts
    return inside[0].removesuffix(".py")


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(node: ast.AST, package: str) -> set[str]:
    """Every module that is imported anywhere below, by its full name."""
    found = set()
    for statement in ast.walk(node):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            assert not statement.level, "imports are absolute"
            found.add(statement.module)
            if statement.module == package:
                submodules = {f"{package}.{alias.name}" for alias in statement.names}
                found |= {name for name in submodules if _is_module(name)}
    return found


def _is_module(name: str) -> bool:
    place = ENGINE.parent.joinpath(*name.split("."))
    return place.with_suffix(".py").exists() or (place / "__init__.py").exists()


def engine_rooms_imported(path: Path) -> set[str]:
    names = imports(tree(path), "autograd")
    inside = {name.split(".")[1] for name in names if name.startswith("autograd.")}
    return inside - {room(path)}


def ids(path: Path) -> str:
    return str(path.relative_to(ENGINE.parent))


@pytest.mark.parametrize("path", sources(ENGINE), ids=ids)
def test_imports_run_one_way(path):
    assert room(path) in ORDER, f"say in ORDER where {path.name} stands"
    below = set(ORDER[: ORDER.index(room(path))])
    assert engine_rooms_imported(path) <= below


def test_the_walls_of_the_design():
    allowed = {
        "graph": set(),
        "carriers": set(),
        "primitive": {"carriers"},
        "special_functions": set(),
        "structure": {"primitive", "carriers"},
        "recording": set(),
        "primitives": {"primitive", "special_functions"},
        "operators": {"primitives", "primitive", "recording", "carriers"},
        "reverse": {"primitives", "graph", "naming", "recording"},
        "copying": {"graph", "primitive", "recording"},
    }
    for name, rooms in allowed.items():
        assert engine_rooms_imported(ENGINE / f"{name}.py") <= rooms, name


@pytest.mark.parametrize("path", sources(ENGINE), ids=ids)
def test_no_engine_file_imports_what_only_reads_graphs(path):
    if room(path) in READ_BY_ENGINE:
        assert not engine_rooms_imported(path) & READERS


@pytest.mark.parametrize("path", sources(ENGINE), ids=ids)
def test_the_engine_knows_neither_networks_nor_demos_nor_third_parties(path):
    roots = {name.partition(".")[0] for name in imports(tree(path), "autograd")}
    assert roots <= {"autograd", "graphviz", *sys.stdlib_module_names}
    assert not roots & {"nn", "demos", "tests"}


@pytest.mark.parametrize("path", sources(NETWORKS), ids=ids)
def test_networks_use_only_public_names_of_the_engine(path):
    public = {*autograd.__all__, "abs", "compile", "pow", "sum"}
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.Import):
            assert all(
                alias.name == "autograd"
                or not alias.name.startswith(("autograd.", "demos", "tests"))
                for alias in statement.names
            )
        elif isinstance(statement, ast.ImportFrom):
            assert not statement.module.startswith(("autograd.", "demos", "tests"))
            if statement.module == "autograd":
                assert {alias.name for alias in statement.names} <= public
        elif isinstance(statement, ast.Attribute):
            of_autograd = getattr(statement.value, "id", None) == "autograd"
            assert not of_autograd or statement.attr in public


@pytest.mark.parametrize("path", sources(ENGINE) + sources(NETWORKS), ids=ids)
def test_imports_stand_at_the_top_except_those_of_optional_extras(path):
    for function in ast.walk(tree(path)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            roots = {name.partition(".")[0] for name in imports(function, "autograd")}
            assert not roots & {"autograd", "nn", *sys.stdlib_module_names}


@pytest.mark.parametrize("path", sources(ENGINE), ids=ids)
def test_imports_by_name_are_the_known_ones(path):
    by_name = {
        call.args[0].value
        for call in ast.walk(tree(path))
        if isinstance(call, ast.Call)
        and getattr(call.func, "id", getattr(call.func, "attr", ""))
        in ("import_module", "__import__")
        and isinstance(call.args[0], ast.Constant)
    }
    of_engine = {name for name in by_name if name.startswith("autograd")}
    assert of_engine <= LATE_BY_NAME.get(room(path), set())


@pytest.mark.parametrize("package", [autograd, nn], ids=["autograd", "nn"])
def test_no_module_is_named_like_a_public_function_or_by_a_forbidden_name(package):
    folder = Path(package.__file__).parent
    modules = {path.stem for path in folder.rglob("*.py")}
    modules |= {path.name for path in folder.rglob("*") if (path / "__init__.py").exists()}
    functions = {name for name in package.__all__ if callable(getattr(package, name))}
    if package is autograd:
        functions |= {"abs", "compile", "pow", "sum"}
    assert not modules & functions
    assert not modules & FORBIDDEN


def test_tests_have_no_package_files_that_would_shadow_the_packages():
    here = Path(__file__).parents[1]
    assert list(here.rglob("__init__.py")) == []


def types_only(path: Path) -> set[str]:
    """Modules that a file imports for its annotations alone."""
    return {
        name
        for block in ast.walk(tree(path))
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for name in imports(block, "autograd.program")
    }


@pytest.mark.parametrize("path", sources(ENGINE / "program"), ids=ids)
def test_imports_inside_program_run_one_way(path):
    home = "autograd.program"
    inside = path.relative_to(ENGINE / "program").parts[0].removesuffix(".py")
    below = set(PROGRAM[: PROGRAM.index(inside)]) | {inside}
    imported = imports(tree(path), home) - types_only(path)
    assert {name.split(".")[2] for name in imported if name.startswith(f"{home}.")} <= below


@pytest.mark.parametrize("path", sources(ENGINE / "verification"), ids=ids)
def test_imports_inside_verification_run_one_way(path):
    home = "autograd.verification"
    below = VERIFICATION[: VERIFICATION.index(path.stem)] if path.stem != "__init__" else []
    imported = {name for name in imports(tree(path), home) if name.startswith(f"{home}.")}
    assert {name.split(".")[2] for name in imported} <= set(below)

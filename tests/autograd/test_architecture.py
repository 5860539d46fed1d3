"""Which file may know which: read from the sources with `ast`, held against the rooms' stories."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

import autograd
import nn
from autograd.generate.rooms import compiled_imports, is_module, layers, modules_imported, tree

ENGINE = Path(autograd.__file__).parent
NETWORKS = Path(nn.__file__).parent
PACKAGES = ["autograd", "nn"] + [
    ".".join(path.parent.relative_to(root.parent).parts)
    for root in (ENGINE, NETWORKS)
    for path in sorted(root.rglob("*/__init__.py"))
]

COMPUTED = "a name that is computed"
# What is imported by a name, late: only here.
LATE_BY_NAME = {
    "autograd/selection.py": {"autograd.native.engine"},  # may not be built
    "autograd/machine/__init__.py": {"autograd.machine.interpreter"},
    "autograd/__init__.py": {COMPUTED},  # public names that wait until they are asked for
    "nn/__init__.py": {COMPUTED},
    "autograd/primitive.py": {"autograd.primitives"},  # whose are ours, and not the user's own
    "autograd/switches.py": {"autograd.forward", "autograd.value"},  # compared with who reads
    "autograd/program/outside/walking.py": {"autograd.program", "autograd.program.program"},  # same
    "nn/data/irises.py": {"nn.data"},  # where its table lies
    "nn/module.py": {COMPUTED},  # what rooms above answer when a model is asked
    "autograd/program/emission/languages/__init__.py": {COMPUTED},  # every file there is one
    "autograd/render/writers/__init__.py": {COMPUTED},  # the same
}
# Modules of the other distribution that is imported as `autograd` (but `wrap_util` is there to take
# its place), and names that say nothing.
FORBIDDEN = {
    "utils", "core", "util", "tracer", "extend", "builtins", "misc", "numpy", "scipy", "test_util",
    "differential_operators", "helpers", "common", "shared", "tools", "stuff", "various",
}  # fmt: skip


# By everyone, files are written whole or not at all and read with suspicion, and texts made for
# their stream, or for a page.
PUBLIC_MODULES = {
    "autograd.files", "autograd.html_table", "autograd.installing", "autograd.streams",
    "autograd.strict_json",
}  # fmt: skip


def room(path: Path) -> str:
    """The file's place in the table: a package inside the engine counts as one."""
    inside = path.relative_to(ENGINE).parts
    return inside[0].removesuffix(".py")


def sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


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
                found |= {name for name in submodules if is_module(name)}
    return found


def engine_rooms_imported(path: Path) -> set[str]:
    names = imports(tree(path), "autograd")
    inside = {name.split(".")[1] for name in names if name.startswith("autograd.")}
    return inside - {room(path)}


def ids(path: Path) -> str:
    return str(path.relative_to(ENGINE.parent))


def is_below(name: str, path: Path) -> bool:
    """Whether a module lies in rooms, and is a file in its room, below those of a file."""
    own = path.relative_to(ENGINE.parent).with_suffix("").parts
    parts = (*name.split("."), "__init__")
    for depth in range(1, len(own)):
        if parts[:depth] != own[:depth]:
            break
        table = layers(".".join(own[:depth]))
        here, there = own[depth], parts[depth]
        if here != there and here not in ("__init__", "__main__"):
            lower = table[there] if there in table else table["__init__"]
            if lower >= table[here]:
                return False
    return own[0] == parts[0] or own[0] == "nn"


@pytest.mark.parametrize("path", sources(ENGINE) + sources(NETWORKS), ids=ids)
def test_imports_run_one_way_and_rooms_of_one_layer_do_not_know_each_other(path):
    assert not [name for name in modules_imported(path) if not is_below(name, path)]


@pytest.mark.parametrize("path", sorted([*ENGINE.rglob("*.pyx"), *ENGINE.rglob("*.pxi")]), ids=ids)
def test_compiled_code_imports_from_rooms_below(path):
    found = {name.partition(".")[2] for name in compiled_imports(path)}
    table = layers("autograd")
    own = path.relative_to(ENGINE).parts[0]
    assert all(table[name] < table[own] for name in found if name != own), found


@pytest.mark.parametrize("package", PACKAGES)
def test_a_story_tells_of_every_file_and_of_nothing_else(package):
    folder = ENGINE.parent.joinpath(*package.split("."))
    files = {path.stem for path in (*folder.glob("*.py"), *folder.glob("*.pyi"))}
    rooms = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert set(layers(package)) == (files | rooms | {"__init__"}) - {"__main__"}


def test_the_walls_of_the_design():
    allowed = {
        "graph": set(),
        "carriers": set(),
        "primitive": {"arrays", "carriers", "many_operands", "real_numbers", "streams"},
        "special_functions": set(),
        "structure": {"arrays", "real_numbers", "carriers", "sparse_matrices", "streams"},
        "switches": set(),
        "primitives": {"primitive", "many_operands", "special_functions"},
        "operators": {
            "primitives",
            "primitive",
            "real_numbers",
            "switches",
            "carriers",
            "ufuncs",
        },
        "reverse": {"primitive", "primitives", "graph", "switches"},
        "copying": {"collector", "graph", "groups", "primitive", "switches"},
    }
    for name, rooms in allowed.items():
        assert engine_rooms_imported(ENGINE / f"{name}.py") <= rooms, name


@pytest.mark.parametrize("path", sources(ENGINE), ids=ids)
def test_the_engine_knows_neither_networks_nor_demos_nor_third_parties(path):
    roots = {name.partition(".")[0] for name in imports(tree(path), "autograd")}
    # Type checkers alone import typing_extensions; an extra makes PNG and PDF.
    extra = {"resvg_py", "typst"} if path == ENGINE / "render" / "images.py" else set()
    roots -= extra
    assert roots <= {"autograd", "graphviz", "typing_extensions", *sys.stdlib_module_names}
    assert not roots & {"nn", "demos", "tests"}
    by_name = {name.partition(".")[0] for name in asked_for(tree(path))}
    by_name -= OPTIONAL.get(ids(path), {COMPUTED})
    assert by_name <= {"autograd", COMPUTED, *sys.stdlib_module_names}


@pytest.mark.parametrize("path", sources(NETWORKS), ids=ids)
def test_networks_use_only_public_names_of_the_engine(path):
    public = {*autograd.__all__, "abs", "compile", "pow", "sum"}
    called = {
        alias.asname or alias.name
        for statement in ast.walk(tree(path))
        if isinstance(statement, ast.Import)
        for alias in statement.names
        if alias.name == "autograd"
    }
    for statement in ast.walk(tree(path)):
        if isinstance(statement, ast.Import):
            assert all(
                alias.name == "autograd"
                or not alias.name.startswith(("autograd.", "demos", "tests"))
                for alias in statement.names
            )
        elif isinstance(statement, ast.ImportFrom):
            known = statement.module in PUBLIC_MODULES
            assert known or not statement.module.startswith(("autograd.", "demos", "tests"))
            if statement.module == "autograd":
                assert {alias.name for alias in statement.names} <= public
        elif isinstance(statement, ast.Attribute):
            of_autograd = getattr(statement.value, "id", None) in called
            assert not of_autograd or statement.attr in public


@pytest.mark.parametrize("path", sources(ENGINE) + sources(NETWORKS), ids=ids)
def test_imports_stand_at_the_top_except_those_of_optional_extras(path):
    for function in ast.walk(tree(path)):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            roots = {name.partition(".")[0] for name in imports(function, "autograd")}
            assert not roots & {"autograd", "nn", *sys.stdlib_module_names}


# Packages of others, late and by name: whoever calls so has them, or is told that they are missing.
OPTIONAL = {
    "autograd/program/columns/layout.py": {"numpy"},
    "autograd/program/run/row_runner.py": {"numpy"},
    "autograd/verification/oracles/opinions.py": {"mpmath"},
}
# What gives a module for its name.
GIVING = ("import_module", "__import__", "resolve_name", "run_module")


def asked_for(node: ast.AST) -> set[str]:
    """What `import_module` and its like, whatever they are called in the file, are asked for."""
    asked: list[ast.AST] = []
    called = list(GIVING)
    for part in ast.walk(node):
        if isinstance(part, ast.ImportFrom):
            called += [x.asname for x in part.names if x.asname and x.name in GIVING]
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            name = getattr(part.func, "id", getattr(part.func, "attr", ""))
            if name.endswith(tuple(called)):
                asked += part.args[:1] or [keyword.value for keyword in part.keywords]
    texts = {x.value if isinstance(x, ast.Constant) else COMPUTED for x in asked}
    return {text.partition(":")[0] for text in texts}


def imported_by_name(node: ast.AST) -> set[str]:
    """What is asked for of these packages; texts that import, too.

    Every text that is the name of a module counts: it may be what `sys.modules` is asked for, or
    `exec`.
    """
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            whole = re.fullmatch(r"((?:autograd|nn)(?:\.\w+)+)(?::\w+)?", part.value)
            inside = re.findall(r"(?:^|[\n;]) *(?:from|import) ((?:autograd|nn)[.\w]*)", part.value)
            found |= {name for name in [*(whole.groups() if whole else ()), *inside] if name}
    found = {name for name in found if is_module(name)}
    return found | {
        x for x in asked_for(node) if x.partition(".")[0] in ("autograd", "nn", COMPUTED)
    }


@pytest.mark.parametrize("path", sources(ENGINE) + sources(NETWORKS), ids=ids)
def test_imports_by_name_are_the_known_ones(path):
    names = imported_by_name(tree(path))
    allowed = LATE_BY_NAME.get(ids(path), set())
    assert {x for x in names - allowed if x == COMPUTED or not is_below(x, path)} == set()
    assert allowed <= names


def test_imports_by_name_are_found_however_they_are_written():
    cases = {
        'import_module("autograd.value")': {"autograd.value"},
        'import_module(name="autograd.value")': {"autograd.value"},
        'lambda: importlib.import_module("nn.module")': {"nn.module"},
        'import_module(f"autograd.{name}")': {COMPUTED},
        "_import_module(LATER[name])": {COMPUTED},
        '__import__("autograd.value")': {"autograd.value"},
        'builtins.__import__("autograd" + rest)': {COMPUTED},
        'sys.modules["autograd.value"].Value': {"autograd.value"},
        'sys.modules.get("autograd.value").Value': {"autograd.value"},
        'UP = "autograd.value"\nsys.modules[UP].Value': {"autograd.value"},
        'pkgutil.resolve_name("autograd.value:Value")': {"autograd.value"},
        'runpy.run_module("autograd.value")': {"autograd.value"},
        "from importlib import import_module as load\nload(name)": {COMPUTED},
        'exec("from autograd.value import Value", scope)': {"autograd.value"},
        'exec("x = 1; import nn.module", scope)': {"nn.module"},
        'error("write `autograd.tanh`, from autograd import tanh")': set(),
        'import_module("numpy"); sys.modules["numpy"]; sys.modules[f.__module__]': set(),
    }
    for text, found in cases.items():
        assert imported_by_name(ast.parse(text)) == found, text


@pytest.mark.parametrize("package", [autograd, nn], ids=["autograd", "nn"])
def test_no_module_is_named_like_a_public_function_or_by_a_forbidden_name(package):
    folder = Path(package.__file__).parent
    modules = {path.stem for path in folder.rglob("*.py")}
    modules |= {path.name for path in folder.rglob("*") if (path / "__init__.py").exists()}
    functions = {name for name in package.__all__ if callable(getattr(package, name))}
    if package is autograd:
        functions |= {"abs", "compile", "pow", "sum"}
    modules |= {path.parent.name for path in folder.rglob("*.py")}
    assert not modules & functions
    assert not modules & FORBIDDEN


def test_tests_have_no_package_files_that_would_shadow_the_packages():
    here = Path(__file__).parents[1]
    assert list(here.rglob("__init__.py")) == []


SOURCES = [
    path
    for folder in (ENGINE, NETWORKS)
    for path in sorted(folder.rglob("*"))
    if path.suffix in (".py", ".pyx", ".pxi", ".h", ".js", ".css")
    and "generated" not in path.read_text("utf-8")[:99].lower()
]


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_no_file_is_long_without_a_reason(path):
    first, *others = path.read_text(encoding="utf-8").splitlines() or [""]
    assert len(others) < 500 or "every" in first, (
        "too long: say in its first line what it has all of"
    )


def test_two_classes_never_share_a_name():
    found: dict[str, list[str]] = {}
    for path in sources(ENGINE) + sources(NETWORKS):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(ids(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


# Words that the rooms have retired, and what is said instead.
RETIRED = {
    r"[Ww]hat (a|the|each) row counts": "the weight of a row",
    r"\b(has|have) not (a|an|the|as)\b": "does not have",
    r"\bclosed[- _]over\b|\bfree[ _]values?\b": "captured, of Values that a function uses",
    r"\b(call_slowly|batch_rows|run_rows_of)\b": "a name that begins with an underscore",
    r"\b[Gg]o on behind\b": "advance past",
}


@pytest.mark.parametrize("path", SOURCES, ids=ids)
def test_nobody_says_what_the_rooms_have_retired(path):
    text = path.read_text(encoding="utf-8")
    found = {word: instead for word, instead in RETIRED.items() if re.search(word, text)}
    assert not found


@pytest.mark.parametrize("path", sources(NETWORKS), ids=ids)
def test_networks_touch_nothing_that_a_node_keeps_to_itself(path):
    kept = {"_data", "_grad", "_is_constant", "_operands", "_origin", "_primitive", "_stamp"}
    touched = {part.attr for part in ast.walk(tree(path)) if isinstance(part, ast.Attribute)}
    assert not touched & kept

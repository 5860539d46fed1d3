"""Which tests concern which sources: those that mirror them, and public ones that lean on them."""

from __future__ import annotations

from typing import NamedTuple


class Room(NamedTuple):
    """Sources, as patterns, and the tests (or options of pytest) that ought to notice a fault."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def _mirrored(*names: str, also: tuple[str, ...] = ()) -> Room:
    modules = tuple(f"autograd/{name}.py" for name in names)
    return Room(modules, (*(f"tests/autograd/test_{name}.py" for name in names), *also))


def _in(name: str) -> str:
    return f"tests/autograd/{name}.py"


ROOMS = {
    "functional": _mirrored(
        "functional", also=(_in("test_forward"), _in("test_nesting"), _in("test_public"))
    ),
    "forward": _mirrored("forward", also=(_in("test_functional"), _in("test_nesting"))),
    "structure": _mirrored("structure", also=(_in("test_forward"), _in("test_functional"))),
    "graph, copying": _mirrored(
        "graph", "copying", also=(_in("test_value"), _in("program/test_watching"))
    ),
    "switches, naming": Room(
        ("autograd/switches.py", "autograd/naming.py"),
        (_in("test_switches"), _in("test_naming"), _in("test_value"), _in("test_overflow")),
    ),
    "operators": _mirrored("operators", also=(_in("test_value"), _in("test_carriers"))),
    "formula": _mirrored(
        "formula", also=(_in("test_primitive"), _in("generate/test_operations_table"))
    ),
    "value": _mirrored(
        "value",
        also=(_in("test_switches"), _in("test_copying"), _in("test_restoring"),
              _in("native/test_both_engines")),
    ),
    "reverse": _mirrored("reverse", also=(_in("test_value"), _in("test_overflow"))),
    "primitive": _mirrored(
        "primitive", also=(_in("test_value"), _in("test_primitives"), _in("test_copying"))
    ),
    "primitives": _mirrored(
        "primitives", also=(_in("test_special_functions"), _in("generate/test_operations_table"))
    ),
    "paths": Room(
        ("autograd/path_finding/*.py",),
        (
            "tests/autograd/path_finding",
            f"--deselect={_in('path_finding/test_paths')}::test_deep_graphs_need_no_recursion",
        ),
    ),
    "sweeps": Room(
        ("autograd/sweeps/*.py", "autograd/node_names.py", "autograd/render/stepping.py"),
        ("tests/autograd/sweeps", _in("render/test_stepping")),
    ),
    "layout": Room(
        tuple(f"autograd/render/{name}.py" for name in ("layered", "crossings", "placement")),
        tuple(_in(f"render/test_{name}") for name in ("crossings", "placement", "layered")),
    ),
    "drawing": Room(
        tuple(
            f"autograd/render/{name}.py"
            for name in ("drawing", "compose", "highlights", "picture", "scene", "operation_scene",
                         "svg", "theme", "tikz", "tex_text", "images", "formats", "notebook",
                         "digraph", "dot_source", "typography", "text_tree", "palette", "page",
                         "graphviz_tools", "caption", "products", "strokes", "trimming")
        ),
        ("tests/autograd/render",),
    ),
    "figures": Room(
        (
            "autograd/groups.py", "autograd/units.py", "autograd/render/network/*.py",
            "autograd/render/blocks/*.py",
            *(f"autograd/render/{name}.py" for name in
              ("levels", "folding", "cards", "strands", "route_lines", "means")),
        ),
        (
            _in("test_groups"), _in("test_units"), "tests/autograd/render/network",
            "tests/autograd/render/blocks", _in("render/test_levels"), _in("render/test_folding"),
        ),
    ),
    "explanation": Room(
        ("autograd/explanation/*.py", "autograd/latex_letters.py"), ("tests/autograd/explanation",)
    ),
    "nn": Room(
        ("nn/*.py",),
        tuple(
            f"tests/nn/test_{name}.py"
            for name in ("notation", "package", "module", "activations", "initializers", "layers",
                         "losses", "learning")
        ),
    ),
    "optimizers": Room(("autograd/optimizers/*.py",), ("tests/autograd/optimizers",)),
    # Of parts of the next room, with the tests beside them alone: a floor, in minutes, not hours.
    "program/passes": Room(("autograd/program/passes/*.py",), ("tests/autograd/program/passes",)),
    "program/variants, batch": Room(
        ("autograd/program/variants/*.py", "autograd/program/batch/*.py"),
        ("tests/autograd/program/batch", _in("program/test_without_function"),
         _in("program/test_compiling")),
    ),
    "program": Room(
        ("autograd/program/*.py", "autograd/program/*/*.py"), ("tests/autograd/program",)
    ),
    "verification": Room(
        ("autograd/verification/*.py", "autograd/verification/oracles/*.py"),
        ("tests/autograd/verification",),
    ),
    "diagnosis": Room(("autograd/diagnosis/*.py",), ("tests/autograd/diagnosis",)),
}  # fmt: skip

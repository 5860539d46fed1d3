"""The table of all operations, generated from the rule book."""

from __future__ import annotations

from pathlib import Path

from autograd.formula import partial_formulas, text
from autograd.primitive import Primitive
from autograd.primitives import RULES

_PREAMBLE = """\
# Operations

Generated from the rule book (`autograd/primitives.py`) by `python -m autograd.generate`;
`out` is the result of the operation. `nonzero(x)` is 1 where x ≠ 0, `step(x)` is 1 where x > 0,
both are 0 elsewhere. An operation of any number of operands states the rule for the i-th of n.

| operation | derivative | domain | at special points |
|---|---|---|---|
"""
_TABLE = Path(__file__).parents[1] / "OPERATIONS.md"


def write() -> None:
    """Write the table into the package."""
    _TABLE.write_text(operations_table(), encoding="utf-8", newline="\n")


def operations_table() -> str:
    """Return the operation table as Markdown.

    Example:
        >>> "| `tanh(x)` | ∂/∂x = sech_squared(x) |  |  |" in operations_table()
        True
    """
    return _PREAMBLE + "".join(_row(primitive) for primitive in RULES.values())


def _row(primitive: Primitive) -> str:
    operands = ", ".join(primitive.operand_names) or "x₁ … xₙ"
    try:
        formulas = [f"∂/∂{name} = {text(f)}" for name, f in partial_formulas(primitive).items()]
    except TypeError:  # the rule is one function of all operands together
        formulas = ["in words →"]
    domain = primitive.domain.replace("!=", "≠").replace("<=", "≤").replace(" in ", " ∈ ")
    cells = (f"`{primitive.name}({operands})`", "<br>".join(formulas), domain)
    row = " | ".join([*cells, primitive.note]).replace("|x|", "\\|x\\|")
    return f"| {row} |\n"

"""The works of the benchmark of programs, what is aimed at, and the tables of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contestants import CONTESTANTS

TITLES = {
    "expression": "README expression: value, one call",
    "expression_gradient": "README expression: value + gradient, one call",
    "moons_inside": "moons 2-16-16-1, 100 points: step in a loop inside",
    "moons_call": "moons 2-16-16-1, 100 points: step, one call",
    "moons_single": "moons 2-16-16-1, 1 point: step in a loop inside",
    "digits": "digits 64-32-10, 32 rows: Adam step",
    "rosenbrock_list": "Rosenbrock gradient, n = 1000, from a list",
    "rosenbrock_array": "Rosenbrock gradient, n = 1000, from an array",
    "rosenbrock_both": "Rosenbrock value + gradient, n = 1000, from an array",
    "rosenbrock_hessian": "Rosenbrock Hessian, n = 50",
    "rosenbrock_hvp": "Rosenbrock Hessian · direction, n = 50",
    "rosenbrock_sparse_hessian": "Rosenbrock sparse Hessian, n = 1000",
    "rosenbrock_sparse_jacobian": "Rosenbrock residuals' sparse Jacobian, n = 1000",
    "options": "Black-Scholes and 5 greeks: per option of 10,000",
    "microgpt": "microgpt, 16 positions: Adam step",
    "process": "whole process: moons, 100 steps",
    "graph_2000": "build and compile: per node of 2,000",
    "graph_20000": "build and compile: per node of 20,000",
    "graph_200000": "build and compile: per node of 200,000",
    "import": "import",
}


@dataclass(frozen=True)
class Aim:
    """What ours is to reach: a time, or a number of times that of another."""

    work: str
    most: float
    of: str = ""


AIMS = (
    Aim("expression", 200e-9),
    Aim("expression_gradient", 200e-9),
    Aim("moons_inside", 2.0, "c"),
    Aim("moons_inside", 1.0, "jax"),
    Aim("moons_inside", 1.0, "numba"),
    Aim("moons_call", 20e-6),
    Aim("moons_single", 1e-6),
    Aim("digits", 2.5, "c"),
    Aim("digits", 1.0, "jax"),
    Aim("digits", 1.0, "numpy"),
    Aim("rosenbrock_list", 40e-6),
    Aim("rosenbrock_array", 40e-6),
    Aim("rosenbrock_both", 40e-6),
    Aim("rosenbrock_hessian", 10e-6),
    Aim("rosenbrock_hvp", 1.0, "jax"),
    Aim("rosenbrock_sparse_hessian", 1.0, "casadi"),
    Aim("rosenbrock_sparse_jacobian", 1.0, "casadi"),
    Aim("options", 60e-9),
    Aim("microgpt", 3e-3),
    Aim("process", 0.4),
    Aim("graph_2000", 25e-6),
    Aim("graph_20000", 25e-6),
    Aim("graph_200000", 25e-6),
    Aim("import", 60e-3),
)


def table(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return the results as lines of an aligned table."""
    head = ["work", "contestant", "best", "median", "worst", "/ C", "/ ours", "processors"]
    rows, before = [head], ""
    for record in records:
        work = record["work"]
        title = TITLES[work] if work != before else ""
        before, name = work, CONTESTANTS[record["contestant"]].title
        if "failure" in record:
            rows.append([title, name, "fails", *[""] * 5])
            continue
        same = {r["contestant"]: r for r in records if r["work"] == work and "best" in r}
        times = [readable(record[part]) for part in ("best", "median", "worst")]
        ratios = [ratio(record, same.get(key)) for key in ("c", "ours")]
        shared = f"{record['processors']:.2f}" if "processors" in record else ""
        rows.append([title, name, *times, *ratios, shared])
    return aligned(rows, left=2)


def aims(records: Sequence[dict[str, Any]]) -> list[str]:
    """Return what ours was to reach and what it reached, where it was measured."""
    best = {(r["work"], r["contestant"]): r["best"] for r in records if "best" in r}
    rows = [["aim", "at most", "here", ""]]
    for aim in AIMS:
        here = best.get((aim.work, "ours"))
        other = best.get((aim.work, aim.of)) if aim.of else 1.0
        if here is None or other is None:
            continue
        found, of = here / other, f" x {CONTESTANTS[aim.of].title}" if aim.of else ""
        shown = [f"{n:.2f}{of}" if aim.of else readable(n) for n in (aim.most, found)]
        rows.append([TITLES[aim.work], *shown, "reached" if found <= aim.most else "MISSED"])
    return aligned(rows, left=1) if len(rows) > 1 else []


def aligned(rows: Sequence[Sequence[str]], left: int) -> list[str]:
    """Return rows as lines, the first columns flush left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def ratio(above: dict[str, Any], below: dict[str, Any] | None) -> str:
    """Return how many times the one takes longer than the other."""
    if below is None or above is below:
        return ""
    return f"{above['best'] / below['best']:.2f}"


def readable(seconds: float) -> str:
    """Return a time with its unit."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.2f} {unit}"
    return f"{seconds * 1e9:.1f} ns"

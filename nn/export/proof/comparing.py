"""What an exported file computed, held against the model: node by node, and as a whole."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from autograd import Value, no_grad
from nn.export.carried import Carried
from nn.export.languages.numerals import spacing
from nn.export.proof.deviations import Deviation, Deviations
from nn.export.proof.explained import Expected, answered, expected, scaled
from nn.export.proof.runs import ExportedRun
from nn.export.proof.slopes import derivatives
from nn.inputs import checked_rows, holds_rows, listed
from nn.neurons import Neuron
from nn.notation import label

_MOST_GRADIENTS = 12
_LARGEST_INPUT = 100.0  # beyond, slopes vanish, and rounding makes of them what it wants


class _Suspect(NamedTuple):
    """A node that rounding does not explain."""

    depth: int
    excess: float  # how many times what is allowed
    deviation: Deviation


def examples(carried: Carried, rows: Any) -> list[list[float]]:
    """Return rows to compare: those given, random ones of several sizes, and extreme ones."""
    inputs = carried.inputs
    given: list[list[float]] = []
    if rows is not None:
        rows = listed(rows)
        if not holds_rows(rows):
            raise ValueError("rows has to hold examples, each a list of numbers")
        given = [[x.data for x in row] for row in checked_rows(rows, inputs, "model")]
    source = random.Random(0)
    found: list[list[float]] = []
    for scale in (0.1, 1.0, 10.0):
        found += [[source.gauss(0.0, scale) for _ in range(inputs)] for _ in range(12)]
    for extreme in (0.0, -0.0, 1.0, -1.0, 1e-300, 1e-40, 1e3, -1e3, 1e6, -1e6, 1e15, 1e30):
        found.append([extreme] * inputs)
        found.append([extreme * source.choice((-1.0, 0.0, 1.0)) for _ in range(inputs)])
    if carried.scaler is not None:  # around what it was fitted to
        found += carried.scaler.inverse_transform(found[:36])
        found = [row for row in found if all(map(math.isfinite, row))]
    return given + found


def compared(
    model: Any, carried: Carried, path: str, run: ExportedRun, rows: list[list[float]]
) -> Deviations:
    """Return what differs between a run of a file on rows and the model.

    Args:
        model: What was exported.
        carried: What was carried of it.
        path: Of the file.
        run: What it computed.
        rows: For which numbers, as they are in the file's type.
    """
    suspects: list[_Suspect] = []
    farthest: list[Deviation] = []
    for place, row in enumerate(rows):
        wrong, overflows = _wrong_nodes(carried, run, place, row)
        suspects += wrong
        outputs = _outputs(model, carried.scaled(row))
        # What a fault made infinite does not overflow.
        if outputs is not None and (wrong or not overflows):
            pairs = enumerate(zip(run.outputs[place], outputs, strict=True), start=1)
            found = [
                _deviation(label("y", unit), place, row, number, output, run.dtype)
                for unit, (number, output) in pairs
            ]
            farthest.append(max(found, key=lambda one: one.ulp))
    first = min(suspects, key=lambda one: (one.depth, -one.excess)) if suspects else None
    slopes, derivative = _wrong_derivative(model, carried, run, rows)
    largest = max(farthest, key=lambda one: one.ulp) if farthest else None
    return Deviations(
        path,
        run.tool,
        run.dtype,
        len(farthest),
        len(rows) - len(farthest),
        largest if largest and largest.ulp else None,
        first.deviation if first else None,
        slopes,
        derivative,
        tuple(
            name
            for name, found in (("probabilities", run.probabilities), ("labels", run.codes))
            if found is not None
        ),
    )


def _wrong_nodes(
    carried: Carried, run: ExportedRun, place: int, row: Sequence[float]
) -> tuple[list[_Suspect], bool]:
    """Return what is wrong in a row, and whether it leaves the range of the file's type."""
    wrong: list[_Suspect] = []
    inputs, first = row, int(carried.scaler is None)

    def look(depth: int, names: str, numbers: Sequence[float], wanted: Sequence[Expected]) -> None:
        layer = depth if names == "a" else None
        for unit, (number, one) in enumerate(zip(numbers, wanted, strict=True), start=1):
            if not one.explains(number):
                name = label(names, unit, layer=layer)
                deviation = _deviation(name, place, row, number, one.value, run.dtype)
                wrong.append(_Suspect(depth, _excess(number, one), deviation))

    for depth in range(first, len(carried.layers) + 1):
        layer = carried.layers[depth - 1]
        should = expected(layer, inputs, run.dtype) if depth else scaled(carried, row, run.dtype)
        if should is None:
            return wrong, True
        inputs = run.activations[depth - first][place]
        look(depth, "a", inputs, should)
        if depth == len(carried.layers):
            look(depth, "y", run.outputs[place], should)
    outputs, answers, last = run.outputs[place], carried.answers, len(carried.layers)
    if answers is not None and all(map(math.isfinite, outputs)):
        if run.probabilities is not None:
            look(last + 1, "p", run.probabilities[place], answered(answers, outputs, run.dtype))
        if run.codes is not None:
            code = Expected(float(answers.code(outputs)), 0.0)
            look(last + 2, "class", [run.codes[place]], [code])
    return wrong, False


def _wrong_derivative(
    model: Any, carried: Carried, run: ExportedRun, rows: list[list[float]]
) -> tuple[int, Deviation | None]:
    """Return on how many rows derivatives were compared, and the one that is farthest off."""
    suspects: list[_Suspect] = []
    count = 0
    for place, row in enumerate(rows if run.gradients is not None else []):
        if count == _MOST_GRADIENTS or max(map(abs, carried.scaled(row))) > _LARGEST_INPUT:
            continue
        should = derivatives(model, carried, row, run.dtype)
        if should is None or run.gradients is None:
            continue
        count += 1
        for number, one in zip(run.gradients[place], should, strict=True):
            near = Expected(one.value, one.allowed)
            if not near.explains(number):
                deviation = _deviation(one.name, place, row, number, one.value, run.dtype)
                suspects.append(_Suspect(0, _excess(number, near), deviation))
    farthest = max(suspects, key=lambda one: one.excess) if suspects else None
    return count, farthest.deviation if farthest else None


def _excess(found: float, one: Expected) -> float:
    off = abs(found - one.value)
    return off / one.allowed if off == off and one.allowed else math.inf


def _deviation(
    place: str, number: int, row: Sequence[float], found: float, value: float, dtype: str
) -> Deviation:
    ulp = abs(found - value) / spacing(value, dtype) if found == found else math.inf
    return Deviation(place, number, tuple(row), found, value, ulp)


def _outputs(model: Any, row: Sequence[float]) -> list[float] | None:
    """Return the model's outputs as numbers; None if something overflows."""
    try:
        with no_grad():
            found = model.forward([Value(x).detach() for x in row])
    except (ArithmeticError, ValueError):
        return None
    outputs = [found.data] if isinstance(model, Neuron) else [one.data for one in found]
    return outputs if all(map(math.isfinite, outputs)) else None

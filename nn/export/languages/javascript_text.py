"""A model as a JavaScript module: weights as typed arrays, layers as loops, without imports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.export.dense import Dense
from nn.export.languages.formulas import SOFTMAX, formulas
from nn.export.languages.headings import class_line, title, wrapped, written_by
from nn.export.languages.numerals import numbers_on_lines, numeral

_DENSE = """
// z = W x + b: sums begin with the bias and go on in the order of the inputs.
function dense(weights, biases, x, inputs, units, room = 0) {
    if (x.length !== inputs) throw new RangeError(`x needs length ${inputs}, got ${x.length}`);
    const z = new ARRAY(units + room);
    for (let j = 0; j < units; j++) {
        let total = biases ? biases[j] : 0.0;
        for (let i = 0; i < inputs; i++) total += weights[j * inputs + i] * x[i];
        z[j] = total;
    }
    return z;
}
"""


def javascript_text(
    layers: Sequence[Dense],
    name: str,
    dtype: str = "double",
    classes: Sequence[Any] | None = None,
) -> str:
    """Return a model as the text of an ES module that exports `predict(x)`.

    Args:
        layers: Of the model.
        name: For the comment.
        dtype: Of weights and activations: "double", or "float", whose sums are still of doubles.
        classes: The labels of the outputs, for the comment.

    Raises:
        ValueError: If an activation cannot be written in JavaScript; see `formulas`.
    """
    found = formulas([layer.activation for layer in layers], "javascript")
    array = "Float64Array" if dtype == "double" else "Float32Array"
    first, *more = wrapped(f"{name}: {title(layers)}, {written_by()}.")
    heading = [
        f"/* {first}",
        *[f"   {line}" for line in more],
        "",
        f"       predict(x) -> {array} of {layers[-1].units} numbers, from {layers[0].inputs}",
        "",
        *[f"   {line}" for line in wrapped(class_line(classes))],
        "   An ES module without imports; layers are its layers one by one. Where Python would",
        "   raise an error the result is infinite or NaN. */",
    ]
    sizes = f"export const inputs = {layers[0].inputs}, outputs = {layers[-1].units};"
    parts = ["\n".join(heading), sizes]
    for place, layer in enumerate(layers, start=1):
        weights = [number for row in layer.weights for number in row]
        parts.append(_array(f"weights_{place}", array, weights, dtype))
        if layer.biases is not None:
            parts.append(_array(f"biases_{place}", array, layer.biases, dtype))
    parts += [*found.blocks.values(), _DENSE.strip("\n").replace("ARRAY", array)]
    parts += [_layer(layer, place, found.names) for place, layer in enumerate(layers, start=1)]
    every = ", ".join([f"layer_{place}" for place in range(1, len(layers) + 1)])
    parts.append(f"export const layers = [{every}];")
    parts.append("export function predict(x) {\n    return layers.reduce((a, f) => f(a), x);\n}")
    return "\n\n".join(parts) + "\n"


def _array(name: str, array: str, numbers: Sequence[float], dtype: str) -> str:
    lines = numbers_on_lines([numeral(number, dtype) for number in numbers], "    ")
    return "\n".join([f"const {name} = new {array}([", *lines, "]);"])


def _layer(layer: Dense, place: int, names: dict[str, str]) -> str:
    biases = f"biases_{place}" if layer.biases is not None else "null"
    call = f"dense(weights_{place}, {biases}, x, {layer.inputs}, {layer.units}"
    lines = [f"function layer_{place}(x) {{"]
    function, units = names.get(layer.activation.name), layer.units
    if function:
        lines += [f"    return {call}).map((z) => {function}(z));"]
    elif layer.activation.whole_layer:
        shift, excess, component = SOFTMAX
        lines += [
            f"    const z = {call}, 1);",
            f"    z[{units}] = {shift}(z, {units});",
            f"    const excess = {excess}(z, {units + 1});",
            f"    return z.slice(0, {units}).map((one) => {component}(one, z[{units}], excess));",
        ]
    else:
        lines += [f"    return {call});"]
    return "\n".join([*lines, "}"])

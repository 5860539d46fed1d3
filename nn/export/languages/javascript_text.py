"""A model as a JavaScript module: weights as typed arrays, layers as loops, without imports."""

from __future__ import annotations

from collections.abc import Sequence

from nn.export.carried import Answers, Carried
from nn.export.dense import Dense
from nn.export.languages.formulas import SOFTMAX, formulas
from nn.export.languages.headings import asked_of, title, told_of, wrapped, written_by
from nn.export.languages.labels import javascript_labels
from nn.export.languages.numerals import numbers_on_lines, numeral

_DENSE = """
function expectLength(x, length) {
    if (x.length !== length) throw new RangeError(`x needs length ${length}, got ${x.length}`);
}

// z = W x + b: sums begin with the bias and go on in the order of the inputs.
function dense(weights, biases, x, inputs, units, room = 0) {
    expectLength(x, inputs);
    const z = new ARRAY(units + room);
    for (let j = 0; j < units; j++) {
        let total = biases ? biases[j] : 0.0;
        for (let i = 0; i < inputs; i++) total += weights[j * inputs + i] * x[i];
        z[j] = total;
    }
    return z;
}
"""
_SCALE = """
// Inputs at the scale of the first layer.
function scale(x) {
    expectLength(x, INPUTS);
    return ARRAY.from(x, (number, i) => (number - means[i]) / deviations[i]);
}
"""


def javascript_text(carried: Carried, name: str, dtype: str = "double") -> str:
    """Return a model as the text of an ES module that exports `predict(x)`.

    Args:
        carried: The model.
        name: For the comment.
        dtype: Of weights and activations: "double", or "float", whose sums are still of doubles.

    Raises:
        ValueError: If an activation cannot be written in JavaScript; see `formulas`.
    """
    layers, answers = carried.layers, carried.answers
    found = formulas(carried.activations, "javascript")
    array = "Float64Array" if dtype == "double" else "Float32Array"
    first, *more = wrapped(f"{name}: {title(layers)}, {written_by()}.")
    heading = [
        f"/* {first}",
        *[f"   {line}" for line in more],
        "",
        f"       predict(x) -> {array} of {carried.outputs} numbers, from {carried.inputs}",
        *[f"       {line}" for line in asked_of(answers, array, "classes")],
        "",
        *[f"   {line}" for told in told_of(carried) for line in wrapped(told)],
        "   An ES module without imports; layers is what it does one by one. Where Python would",
        "   raise an error the result is infinite or NaN. */",
    ]
    sizes = f"export const inputs = {carried.inputs}, outputs = {carried.outputs};"
    parts = ["\n".join(heading), sizes]
    parts += [_array(called, array, numbers, dtype) for called, numbers in carried.scales()]
    for place, layer in enumerate(layers, start=1):
        weights = [number for row in layer.weights for number in row]
        parts.append(_array(f"weights_{place}", array, weights, dtype))
        if layer.biases is not None:
            parts.append(_array(f"biases_{place}", array, layer.biases, dtype))
    parts += [*found.blocks.values(), _DENSE.strip("\n").replace("ARRAY", array)]
    if carried.scaler is not None:
        parts.append(
            _SCALE.strip("\n").replace("ARRAY", array).replace("INPUTS", str(carried.inputs))
        )
    parts += [_layer(layer, place, found.names) for place, layer in enumerate(layers, start=1)]
    stages = ["scale"] * (carried.scaler is not None)
    stages += [f"layer_{place}" for place in range(1, len(layers) + 1)]
    parts.append(f"export const layers = [{', '.join(stages)}];")
    parts.append("export function predict(x) {\n    return layers.reduce((a, f) => f(a), x);\n}")
    if answers is not None:
        parts += _answers(answers, carried.outputs, found.names, array)
    return "\n\n".join(parts) + "\n"


def _answers(answers: Answers, outputs: int, names: dict[str, str], array: str) -> list[str]:
    sigmoid, parts = names.get("sigmoid"), []
    bodies = {
        "logit": [f"    return {array}.of({sigmoid}(-y[0]), {sigmoid}(y[0]));"],
        "share": [f"    return {array}.of(1.0 - y[0], y[0]);"],
        "sigmoid": [f"    return y.map((z) => {sigmoid}(z));"],
        "outputs": ["    return y;"],
        "softmax": _softmax("y", outputs),
    }
    if answers.probabilities:
        first = ["    const y = predict(x);"]
        if answers.way == "softmax":
            first = [f"    const y = new {array}({outputs + 1});", "    y.set(predict(x));"]
        lines = ["export function probabilities(x) {", *first, *bodies[answers.way], "}"]
        parts.append("\n".join(lines))
    if answers.classes is not None:
        labels = ", ".join(javascript_labels(answers.classes))
        parts.append(f"export const classes = [{labels}];")
        place = f"Number(y[0] > {answers.threshold})"
        if answers.threshold is None:
            place = "y.reduce((best, one, j) => (one > y[best] ? j : best), 0)"
        lines = ["    const y = predict(x);", f"    return classes[{place}];"]
        parts.append("\n".join(["export function label(x) {", *lines, "}"]))
    return parts


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
        lines += [f"    const z = {call}, 1);", *_softmax("z", units)]
    else:
        lines += [f"    return {call});"]
    return "\n".join([*lines, "}"])


def _softmax(z: str, units: int) -> list[str]:
    """Return the lines that return a softmax of numbers with room for one more behind them."""
    shift, excess, component = SOFTMAX
    return [
        f"    {z}[{units}] = {shift}({z}, {units});",
        f"    const excess = {excess}({z}, {units + 1});",
        f"    return {z}.slice(0, {units}).map((one) => {component}(one, {z}[{units}], excess));",
    ]

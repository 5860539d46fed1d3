"""A model as a Python file that needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Sequence

from nn.export.carried import Answers, Carried
from nn.export.dense import Dense
from nn.export.languages.formulas import SOFTMAX, formulas
from nn.export.languages.headings import asked_of, title, told_of, wrapped, written_by
from nn.export.languages.numerals import numbers_on_lines

_DENSE = '''
def dense(weights, biases, x):
    """Return z = W x + b: sums begin with the bias and go on in the order of the inputs."""
    if len(x) != len(weights[0]):
        raise ValueError(f"x needs length {len(weights[0])}, got {len(x)}")
    z = []
    for row, total in zip(weights, biases or [0.0] * len(weights)):
        for weight, a in zip(row, x):
            total += weight * a
        z.append(total)
    return z
'''
_SCALE = '''
def scale(x):
    """Return inputs at the scale of the first layer."""
    if len(x) != len(MEANS):
        raise ValueError(f"x needs length {len(MEANS)}, got {len(x)}")
    return [(a - mean) / deviation for a, mean, deviation in zip(x, MEANS, DEVIATIONS)]
'''


def python_text(carried: Carried, name: str) -> str:
    """Return a model as the text of a Python file that defines `predict(x)`.

    Raises:
        ValueError: If an activation cannot be written so; see `formulas`.
    """
    layers, answers, count = carried.layers, carried.answers, carried.outputs
    found = formulas(carried.activations, "python")
    first, *more = wrapped(f"{name}: {title(layers)}, {written_by()}.")
    heading = [
        f'"""{first}',
        *more,
        "",
        f"    predict(x) -> list of {count} number{'s' * (count > 1)}, from {carried.inputs}",
        *[f"    {line}" for line in asked_of(answers, "list", "CLASSES")],
        "",
        *[line for told in told_of(carried) for line in wrapped(told)],
        "LAYERS is what it does one by one. Errors are those of Python's floats and math.",
        '"""',
    ]
    parts = ["\n".join(heading) + "\n\nfrom __future__ import annotations\n\nimport math"]
    parts += [_list(called.upper(), numbers) for called, numbers in carried.scales()]
    for place, layer in enumerate(layers, start=1):
        rows = []
        for row in layer.weights:
            lines = numbers_on_lines(map(repr, row), "        ")
            rows.append("\n".join(["    [", *lines, "    ],"]))
        parts.append("\n".join([f"WEIGHTS_{place} = [", *rows, "]"]))
        biases = f"BIASES_{place}"
        parts.append(f"{biases} = None" if layer.biases is None else _list(biases, layer.biases))
    parts += [*found.blocks.values(), _DENSE.strip("\n")]
    if carried.scaler is not None:
        parts.append(_SCALE.strip("\n"))
    parts += [_layer(layer, place, found.names) for place, layer in enumerate(layers, start=1)]
    stages = ["scale"] * (carried.scaler is not None)
    stages += [f"layer_{place}" for place in range(1, len(layers) + 1)]
    parts.append(f"LAYERS = [{', '.join(stages)}]")
    parts.append(
        'def predict(x):\n    """Return the outputs for the numbers of one example."""\n'
        "    for layer in LAYERS:\n        x = layer(x)\n    return x"
    )
    if answers is not None:
        parts += _answers(answers, found.names)
    return "\n\n\n".join(parts) + "\n"


def _answers(answers: Answers, names: dict[str, str]) -> list[str]:
    sigmoid, parts = names.get("sigmoid"), []
    bodies = {
        "logit": [f"    return [{sigmoid}(-y[0]), {sigmoid}(y[0])]"],
        "share": ["    return [1.0 - y[0], y[0]]"],
        "sigmoid": [f"    return [{sigmoid}(z) for z in y]"],
        "outputs": ["    return y"],
        "softmax": _softmax("y"),
    }
    if answers.probabilities:
        words = '    """Return the probability of each class."""'
        lines = ["def probabilities(x):", words, "    y = predict(x)", *bodies[answers.way]]
        parts.append("\n".join(lines))
    if answers.classes is not None:
        parts.append(f"CLASSES = [{', '.join(map(ascii, answers.classes))}]")
        place = f"int(y[0] > {answers.threshold})"
        if answers.threshold is None:
            place = "max(range(len(y)), key=y.__getitem__)"
        words = '    """Return the label of the most probable class."""'
        lines = ["def label(x):", words, "    y = predict(x)", f"    return CLASSES[{place}]"]
        parts.append("\n".join(lines))
    return parts


def _list(name: str, numbers: Sequence[float]) -> str:
    return "\n".join([f"{name} = [", *numbers_on_lines(map(repr, numbers), "    "), "]"])


def _layer(layer: Dense, place: int, names: dict[str, str]) -> str:
    call = f"dense(WEIGHTS_{place}, BIASES_{place}, x)"
    function = names.get(layer.activation.name)
    lines = [f"def layer_{place}(x):"]
    if function:
        lines.append(f"    return [{function}(z) for z in {call}]")
    elif layer.activation.whole_layer:
        lines += [f"    z = {call}", *_softmax("z")]
    else:
        lines.append(f"    return {call}")
    return "\n".join(lines)


def _softmax(z: str) -> list[str]:
    shift, excess, component = SOFTMAX
    return [
        f"    shift = {shift}(*{z})",
        f"    excess = {excess}(*{z}, shift)",
        f"    return [{component}(one, shift, excess) for one in {z}]",
    ]

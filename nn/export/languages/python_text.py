"""A model as a Python file that needs nothing but the standard library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.export.dense import Dense
from nn.export.languages.formulas import SOFTMAX, formulas
from nn.export.languages.headings import class_line, title, wrapped, written_by
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


def python_text(layers: Sequence[Dense], name: str, classes: Sequence[Any] | None = None) -> str:
    """Return a model as the text of a Python file that defines `predict(x)`.

    Raises:
        ValueError: If an activation cannot be written so; see `formulas`.
    """
    found = formulas([layer.activation for layer in layers], "python")
    count = layers[-1].units
    first, *more = wrapped(f"{name}: {title(layers)}, {written_by()}.")
    heading = [
        f'"""{first}',
        *more,
        "",
        f"    predict(x) -> list of {count} number{'s' * (count > 1)}, from {layers[0].inputs}",
        "",
        *wrapped(class_line(classes)),
        "LAYERS are its layers one by one. Errors are those of Python's floats and math.",
        '"""',
    ]
    parts = ["\n".join(heading) + "\n\nfrom __future__ import annotations\n\nimport math"]
    for place, layer in enumerate(layers, start=1):
        rows = []
        for row in layer.weights:
            lines = numbers_on_lines(map(repr, row), "        ")
            rows.append("\n".join(["    [", *lines, "    ],"]))
        parts.append("\n".join([f"WEIGHTS_{place} = [", *rows, "]"]))
        lines = numbers_on_lines(map(repr, layer.biases or []), "    ")
        text = "\n".join(["[", *lines, "]"]) if layer.biases is not None else "None"
        parts.append(f"BIASES_{place} = {text}")
    parts += [*found.blocks.values(), _DENSE.strip("\n")]
    parts += [_layer(layer, place, found.names) for place, layer in enumerate(layers, start=1)]
    every = ", ".join([f"layer_{place}" for place in range(1, len(layers) + 1)])
    parts.append(f"LAYERS = [{every}]")
    parts.append(
        'def predict(x):\n    """Return the outputs for the numbers of one example."""\n'
        "    for layer in LAYERS:\n        x = layer(x)\n    return x"
    )
    return "\n\n\n".join(parts) + "\n"


def _layer(layer: Dense, place: int, names: dict[str, str]) -> str:
    call = f"dense(WEIGHTS_{place}, BIASES_{place}, x)"
    function = names.get(layer.activation.name)
    lines = [f"def layer_{place}(x):"]
    if function:
        lines.append(f"    return [{function}(z) for z in {call}]")
    elif layer.activation.whole_layer:
        shift, excess, component = SOFTMAX
        lines += [
            f"    z = {call}",
            f"    shift = {shift}(*z)",
            f"    excess = {excess}(*z, shift)",
            f"    return [{component}(one, shift, excess) for one in z]",
        ]
    else:
        lines.append(f"    return {call}")
    return "\n".join(lines)

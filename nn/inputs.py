"""One example's inputs, checked and made into nodes. It knows nothing of layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from autograd import Value
from nn.notation import label
from nn.validation import counted, finite_scalar, is_scalar, row


def checked_inputs(inputs: Sequence[Value | float], nin: int, owner: str) -> list[Any]:
    """Return one example's inputs as nodes: Values as they are, numbers as constants x_i.

    Args:
        inputs: The numbers x_1 ... x_nin of one example.
        nin: How many there have to be.
        owner: What takes them, for error messages.

    Raises:
        TypeError: If the inputs are not a list of numbers.
        ValueError: If their number is wrong, or one is NaN or infinite.

    Example:
        >>> [x.label for x in checked_inputs([0.5, Value(1.0, "height")], 2, "Neuron")]
        ['x_1', 'height']
    """
    given = inputs if type(inputs) is list else row(inputs, "inputs", of="numbers, one example")
    if len(given) != nin:
        raise ValueError(
            f"inputs has {counted(len(given), 'number')}, but this {owner} takes {nin}"
        )
    labels = _input_labels(nin)
    nodes = []
    for position, scalar in enumerate(given):
        # The two usual cases come first: this runs for every input of every example.
        if type(scalar) is Value and isfinite(scalar.data):
            nodes.append(scalar)
            continue
        known = type(scalar) is float and isfinite(scalar)
        node = scalar if known else _checked_input(scalar, position, owner)
        if type(node) is float:
            node = Value(node).detach()
            node.label = labels[position]
        nodes.append(node)
    return nodes


def _checked_input(scalar: Any, position: int, owner: str) -> Any:
    if not is_scalar(scalar):
        raise TypeError(
            f"inputs[{position}] is a {type(scalar).__name__}, not a number; the {owner} takes one "
            "example at a time: [model(example) for example in batch]"
        )
    return finite_scalar(scalar, f"inputs[{position}]")


@lru_cache(maxsize=256)
def _input_labels(nin: int) -> tuple[str, ...]:
    return tuple(label("x", index) for index in range(1, nin + 1))

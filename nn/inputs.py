"""Inputs, of one example or of a batch, checked and made into nodes. It knows nothing of layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import isfinite
from typing import Any

from autograd import Value
from nn.notation import label
from nn.validation import counted, finite_scalar, is_scalar, row


def listed(inputs: Any) -> list[Any]:
    """Return one example's numbers, or a batch's rows, as a list.

    Anything with `__array__` is taken as the array it stands for, since some tables iterate over
    the names of their columns.

    Raises:
        TypeError: If it is a single number, text, a mapping or a set.

    Example:
        >>> listed((0.5, 1.0)), listed(row for row in [[0.5], [1.0]])
        ([0.5, 1.0], [[0.5], [1.0]])
    """
    if type(inputs) is list:
        return inputs
    return _as_list(inputs, "inputs", "numbers, one example, or of rows, a batch")


def holds_rows(listed_inputs: list[Any]) -> bool:
    """Return whether these are the rows of a batch, and not the numbers of one example.

    Example:
        >>> holds_rows([0.5, 1.0]), holds_rows([[0.5, 1.0]]), holds_rows([])
        (False, True, False)
    """
    if not listed_inputs:
        return False
    first = listed_inputs[0]
    if type(first) is float or type(first) is Value:  # the usual cases come first
        return False
    return not is_scalar(first) and not isinstance(first, (str, bytes, bytearray))


def checked_inputs(
    inputs: Sequence[Any], nin: int, owner: str, example: int | None = None
) -> list[Any]:
    """Return one example's inputs as nodes: Values as they are, numbers as constants x_i.

    Args:
        inputs: The numbers x_1 ... x_nin of one example.
        nin: How many there have to be.
        owner: What takes them, for error messages.
        example: The number of the example in its batch, counted from 1.

    Raises:
        TypeError: If one of the inputs is not a number.
        ValueError: If their number is wrong, or one is NaN or infinite.

    Example:
        >>> [x.label for x in checked_inputs([0.5, Value(1.0, "height")], 2, "Neuron")]
        ['x_1', 'height']
        >>> [x.label for x in checked_inputs([0.5, 1.0], 2, "Neuron", example=5)]
        ['x_1[5]', 'x_2[5]']
    """
    if len(inputs) != nin:
        batch = f"; a batch is rows of {nin}" if example is None else ""
        raise ValueError(
            f"{_place(example)} has {counted(len(inputs), 'number')}, but this {owner} takes "
            f"{nin}{batch}"
        )
    labels = _input_labels(nin, example)
    nodes = []
    for scalar, name in zip(inputs, labels, strict=True):
        # The two usual cases come first: this runs for every input of every example.
        if type(scalar) is Value and isfinite(scalar.data):
            nodes.append(scalar)
            continue
        known = type(scalar) is float and isfinite(scalar)
        node = scalar if known else _checked_input(scalar, example, len(nodes), owner)
        if type(node) is float:
            node = Value(node).detach()
            node.label = name
        nodes.append(node)
    return nodes


def checked_rows(rows: Sequence[Any], nin: int, owner: str) -> list[list[Any]]:
    """Return the inputs of every example of a batch as nodes.

    Raises:
        TypeError: If a row is not a list of numbers.
        ValueError: If the length of a row is wrong, or a number is NaN or infinite.

    Example:
        >>> [[x.label for x in row] for row in checked_rows([[0.5, 1.0], (2, 3)], 2, "MLP")]
        [['x_1[1]', 'x_2[1]'], ['x_1[2]', 'x_2[2]']]
    """
    return [
        checked_inputs(
            given
            if type(given) is list
            else _as_list(given, _place(example), "numbers, one example"),
            nin,
            owner,
            example,
        )
        for example, given in enumerate(rows, start=1)
    ]


def _as_list(inputs: Any, name: str, of: str) -> list[Any]:
    if isinstance(inputs, memoryview):
        return list(inputs.tolist())
    as_array = getattr(type(inputs), "__array__", None)
    if as_array is not None and not is_scalar(inputs):
        # A masked array would lose its mask; its list has None where a number is masked.
        array = inputs if hasattr(type(inputs), "filled") else as_array(inputs)
        numbers = array.tolist()
        if type(numbers) is list:
            return numbers
    return row(inputs, name, of)


def _place(example: int | None) -> str:
    return "inputs" if example is None else f"inputs[{example - 1}]"


def _checked_input(scalar: Any, example: int | None, position: int, owner: str) -> Any:
    place = f"{_place(example)}[{position}]"
    if not is_scalar(scalar):
        raise TypeError(
            f"{place} is a {type(scalar).__name__}, not a number; the {owner} takes one example, a "
            "list of numbers, or a batch, a list of such rows"
        )
    return finite_scalar(scalar, place)


@lru_cache(maxsize=512)
def _input_labels(nin: int, example: int | None) -> tuple[str, ...]:
    bracket = "" if example is None else f"[{example}]"
    return tuple(label("x", index) + bracket for index in range(1, nin + 1))

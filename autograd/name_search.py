"""Nodes by name: what a reader sees on a picture or in a textbook can be asked for.

A name is looked for among the labels, in any spelling (see `spellings`); then among the units of
networks, so that z_1^(2) is the net input of unit 1 in layer 2 also if its label says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from autograd.graph import topological_order
from autograd.lettering import counted
from autograd.naming import describe
from autograd.selection import Value
from autograd.spellings import TextbookName, plain_name, taken_apart
from autograd.streams import for_stream
from autograd.units import UnitAt, Units, units_of

_SIGNS = str.maketrans("", "", "_^{}(),$\\ \t\n")
_BRACKET = re.compile(r"\[.*?\]")
_SHOWN = 6
_COMPARED = 2_000


def find(output: Any, name: str) -> Any:
    """Return the node with this name in the graph of a value.

    Spellings of a textbook name are one name: w_11^(1), w_{11}^{(1)}, w₁₁⁽¹⁾. In a graph of several
    examples z_1^(2)[5] is the fifth one's. Where no label fits, z, a, w, b and x are those of the
    units that networks have recorded, whatever their labels.

    Args:
        output: A Value, or several.
        name: The name.

    Raises:
        TypeError: If output is not a Value or several, or the name not a str.
        LookupError: If no node has this name; the error has the nearest ones.
        ValueError: If several nodes have it; the error says how they differ.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [2, 1], "tanh", seed=1)
        >>> y = model([0.5, -1.0])
        >>> find(y, "w_{11}^{(1)}") is model.layers[0].neurons[0].weights[0]
        True
        >>> find(y, "a_1^(2)") is y
        True
        >>> find(y, "w_31^(1)")
        Traceback (most recent call last):
            ...
        LookupError: nothing here is called 'w_31^(1)'; of 16 names the nearest are 'w_21^(1)', \
'w_12^(1)', 'w_11^(1)'
    """
    outputs = _outputs(output)
    wanted = plain_name(name)
    order = topological_order(*outputs)
    found = [node for node in order if name and node.label == name]
    if len(found) == 1:
        return found[0]
    parts = taken_apart(name)
    if not found and parts is not None:
        spelled = _spelled_alike(order, parts)
        found = [node for node in order if spelled.get(node.label) == wanted]
        found = found or _in_examples(parts, order, spelled, outputs)
    if not found:
        raise LookupError(for_stream(_not_found(name, parts, order)))
    if len(found) > 1:
        raise ValueError(for_stream(_several(name, parts, outputs, found)))
    return found[0]


def resolved(output: Any, thing: Any) -> Any:
    """Return the node that a name stands for in the graph of an output; anything else as it is.

    Raises:
        LookupError: If no node has this name.
        ValueError: If several nodes have it.

    Example:
        >>> x = Value(2.0, "x")
        >>> resolved(x * x, "x") is x, resolved(x * x, x) is x
        (True, True)
    """
    if isinstance(thing, str) and isinstance(output, Value):
        return find(output, thing)
    return thing


def _outputs(output: Any) -> list[Any]:
    several = isinstance(output, Iterable) and not isinstance(output, (str, Value))
    outputs = list(output) if several else [output]
    for value in outputs:
        if not isinstance(value, Value):
            raise TypeError(
                for_stream(f"find() needs a Value, or several, to look below, got {value!r:.80}")
            )
    return outputs


def _spelled_alike(order: list[Any], parts: TextbookName) -> dict[Any, str]:
    """The plain spelling of each label that can be this name, of whatever example."""
    # To take a label apart takes ten times as long as to see that its letters are others.
    letters = _letters(str(parts))
    labels = {node.label for node in order if node.label}
    return {
        label: plain_name(label)
        for label in labels
        if not label.isascii() or _letters(label) == letters
    }


def _letters(text: str) -> list[str]:
    return sorted(_BRACKET.sub("", text).translate(_SIGNS))


def _in_examples(
    parts: TextbookName, order: list[Any], spelled: dict[Any, str], outputs: list[Any]
) -> list[Any]:
    """The nodes that a name means which no label has: in examples, or in units of networks."""
    if parts.example is None:
        # Of a batch, whose labels have brackets, all examples are meant.
        labels = {label for label, plain in spelled.items() if _unbracketed(plain) == str(parts)}
        same = [node for node in order if node.label in labels]
        units, numbers = None, {}
    else:
        units = units_of(*outputs)
        numbers = example_numbers(units)
        any_example = str(parts._replace(example=None))
        same = [
            node
            for node in order
            if numbers.get(node) == parts.example and spelled.get(node.label) == any_example
        ]
    if same:
        return same
    units = units or units_of(*outputs)
    of_example = [at for at in units.all if parts.example in (None, numbers.get(at.net_input))]
    return list(dict.fromkeys(node for at in of_example for node in _named_at(at, parts)))


def _unbracketed(plain: str) -> str:
    return plain.partition("[")[0]


def example_numbers(units: Units) -> dict[Any, int]:
    """The number of the example that each node belongs to, inputs of networks among them."""
    numbers = units.numbers
    found = {node: numbers[k] for node, k in units.example_of.items()}
    seen: dict[Any, set[int]] = {}
    for at in units.all:
        for node in at.inputs:
            if node not in units.of_node:
                seen.setdefault(node, set()).add(numbers[at.example])
    return {**{node: min(several) for node, several in seen.items() if len(several) == 1}, **found}


def _named_at(at: UnitAt, parts: TextbookName) -> list[Any]:
    """The nodes of a unit that have this name in a textbook."""
    layer = at.unit.around("layer")
    above = None if layer is None or layer.index is None else f"({layer.index})"
    unit = "" if at.unit.index is None else str(at.unit.index)
    below = [str(i) for i in range(1, len(at.inputs) + 1)]
    first = above in (None, "(1)")
    if parts.symbol == "x" and not parts.power and first:
        return [x for i, x in zip(below, at.inputs, strict=True) if i == parts.indices]
    if parts.symbol == "a" and parts.power == "(0)" and first:
        return [x for i, x in zip(below, at.inputs, strict=True) if i == parts.indices]
    if (parts.power or None) != above:
        return []
    if parts.symbol == "w":
        return [
            w for i, w in zip(below, at.weights, strict=True) if parts.indices == _pair(i, unit)
        ]
    if parts.indices != unit:
        return []
    nodes = {"z": at.net_input, "a": at.activation, "b": at.bias}
    node = nodes.get(parts.symbol)
    return [] if node is None else [node]


def _pair(index: str, unit: str) -> str:
    return f"{index},{unit}" if unit and len(index + unit) > 2 else index + unit


def _not_found(name: str, parts: TextbookName | None, order: list[Any]) -> str:
    names = [label for label in dict.fromkeys(node.label for node in order) if label]
    if not names:
        return f"nothing here is called {name!r}: no node has a name"
    text = f"nothing here is called {name!r}; "
    if parts is not None and parts.symbol == "delta":
        z = parts._replace(symbol="z")
        text += f"a delta is the gradient of a net input: find(..., {str(z)!r}).grad; "
    near = nearest(name, names)
    if not near:
        return f"{text}{counted(len(names), 'name')}, none of them near"
    are = "are" if len(near) > 1 else "is"
    return f"{text}of {counted(len(names), 'name')} the nearest {are} {', '.join(map(repr, near))}"


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """Return at most three of the names, those that look most like the given one.

    Example:
        >>> nearest("wieght", ["bias", "weight", "height"])
        ['weight', 'height']
    """
    candidates = list(names)
    if len(candidates) > _COMPARED:  # comparing takes its time: of many, those that begin alike
        candidates.sort(key=lambda other: (-_beginning(name, other), len(other)))
    return get_close_matches(name, candidates[:_COMPARED], n=3, cutoff=0.5)


def _beginning(one: str, other: str) -> int:
    """How many signs two names begin with alike."""
    differ = (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differ, min(len(one), len(other)))


def _several(name: str, parts: TextbookName | None, outputs: list[Any], found: list[Any]) -> str:
    head = f"{len(found)} nodes are called {name!r}"
    if parts is not None and parts.example is None:
        examples = _examples(outputs, found)
        if examples:
            of_each = [repr(str(parts._replace(example=number))) for number in examples]
            return f"{head}, one for each example; say which: {_listed(of_each)}"
    lines = [
        f"  {describe(node)}{'' if node.group is None else f', in {node.group!r}'}"
        for node in found[:_SHOWN]
    ]
    if len(found) > _SHOWN:
        lines.append(f"  ... and {len(found) - _SHOWN} more")
    return "\n".join([f"{head}; give the node itself, or other labels:", *lines])


def _examples(outputs: list[Any], found: list[Any]) -> list[int]:
    """The numbers by which these nodes can be asked for; [] if they are not told apart so."""
    named = [taken_apart(node.label) for node in found]
    numbers = [None if parts is None else parts.example for parts in named]
    if None in numbers:
        known = example_numbers(units_of(*outputs))
        numbers = [known.get(node) for node in found]
    told_apart = None not in numbers and len(set(numbers)) == len(found)
    return [number for number in numbers if number is not None] if told_apart else []


def _listed(texts: list[str]) -> str:
    if len(texts) > _SHOWN:
        texts = [*texts[: _SHOWN - 1], "...", texts[-1]]
    return ", ".join(texts)

"""What the boxes of a network's figure compute: losses, what is added to them, expressions."""

from __future__ import annotations

from typing import Any, ClassVar

from autograd.formula import FormulaWriter, Symbol
from autograd.render.network.reading import LOSS, NetworkView, Stop
from autograd.render.typography import (
    format_number,
    pretty_label,
    printable,
    shortened,
    shown_label,
    text_width,
)
from autograd.units import UnitAt

_LONGEST_FORMULA = 112.0
_LARGEST_FORMULA = 8


class _Spelled(FormulaWriter):
    """Writes the formula of a box, squares as squares."""

    exponents: ClassVar[dict[float, str]] = {2.0: "²", 3.0: "³"}


def formula_lines(view: NetworkView, stop: Stop) -> list[str]:
    """What a box computes, in lines: losses, a group's name, or an expression."""
    nodes = view.members[stop]
    marked = [node.group for node in nodes if node.group is not None]
    losses = list(dict.fromkeys(group.name for group in marked if group.kind == "loss"))
    if losses:
        details = [group.detail for group in marked if group.kind == "loss"]
        others = _beside_losses(view, nodes)
        if len(set(details)) == 1 and not others and _fits(details[0]):
            return [str(details[0])]
        first, *more = [shortened(name.replace("_", " "), 18) for name in losses]
        return [first, *(f"+ {term}" for term in [*more, *others])]
    blocks = dict.fromkeys(group.name for group in marked if group.kind == "block")
    if len(blocks) == 1:
        return [shortened(printable(next(iter(blocks))), 18)]
    if len(nodes) <= _LARGEST_FORMULA and _fits(formula := _expression(view, stop)):
        return [formula]
    return [str(nodes[0].op) if len(nodes) == 1 else f"{len(nodes)} operations"]


def _beside_losses(view: NetworkView, nodes: list[Any]) -> list[str]:
    """What is added to the losses: what is computed outside of them from other values."""
    inside = set(nodes)
    of_losses = {node for node in nodes if node.group is not None and node.group.kind == "loss"}
    for node in reversed(nodes):  # what a loss is computed from belongs to it
        if node in of_losses:
            of_losses.update(inside.intersection(node.parents))
    used = [
        parent
        for node in nodes
        if node not in of_losses
        for parent in node.parents
        if parent not in inside and not parent.is_constant
    ]
    if not used:
        return []
    parameters = {one for at in view.units.all for one in (*at.weights, at.bias)}
    return ["penalty" if parameters.issuperset(used) else "…"]


def targets_of(view: NetworkView, nodes: list[Any], example: int | None) -> list[str]:
    """The numbers that the outputs of the example shown are compared with, in their order."""
    of_node, found = view.units.of_node, dict[Any, str]()
    outputs = {
        parent
        for node in nodes
        for parent in node.parents
        if parent in of_node and example in (None, of_node[parent].example)
    }
    for node in nodes:
        for target, y in (node.parents, node.parents[::-1]) if node.op == "-" else ():
            if y in outputs and target.is_constant:
                found[y] = format_number(target.data)
    if len(found) < len(outputs):  # some are compared in another way
        return []
    return list(found.values())


def _expression(view: NetworkView, stop: Stop) -> str:
    nodes = view.members[stop]
    symbols: dict[Any, Any] = {}
    inside = set(nodes)
    for node in nodes:
        for parent in node.parents:
            if parent not in symbols and parent not in inside:
                symbols[parent] = _symbol(view, parent, stop)
        operands = [symbols[parent] for parent in node.parents]
        symbols[node] = Symbol("", node.primitive, operands) if operands else Symbol("·")
    try:
        return _Spelled().written(symbols[nodes[-1]])[0]
    except (TypeError, ValueError):  # an operation of the user's own may have no spelling
        return ""


def _symbol(view: NetworkView, node: Any, stop: Stop) -> Any:
    """An operand of a box; in the loss, the network's output is y."""
    at = view.units.of_node.get(node)
    is_output = at is not None and stop == LOSS and activation_word(at) == "a"
    if node.label and not is_output:
        return Symbol(shown_label(node.label.partition("[")[0] or node.label))
    if at is not None:
        return Symbol("z" if node is at.net_input and at.whole_layer else "y")
    return node.data if node.is_constant else Symbol("·")


def activation_word(at: UnitAt) -> str:
    """What the activation is called: a, or the name its user gave it."""
    label = at.activation.label
    if not label or (label[:1] in ("a", "z") and label[1:2] in ("", "_", "^")):
        return "a"
    return shortened(pretty_label(printable(label.partition("[")[0] or label)), 6)


def _fits(formula: str) -> bool:
    return bool(formula) and text_width(formula, 11.0) <= _LONGEST_FORMULA

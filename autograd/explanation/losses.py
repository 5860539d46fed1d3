"""What stands between a network and the number that is differentiated: targets, and the mean."""

from __future__ import annotations

from typing import Any

from autograd import primitives
from autograd.explanation.cone import Between
from autograd.explanation.names import Naming
from autograd.units import UnitAt


def has_loss(cone: Between) -> bool:
    """Whether a loss function marked one of the nodes as its result."""
    return any(node.group is not None and node.group.kind == "loss" for node in cone.nodes)


def name_single_losses(names: Naming, cone: Between) -> None:
    """Let the losses of single examples have names, if the output is their sum or mean."""
    output = cone.output
    if names.units.examples < 2 or output.primitive not in (primitives.mean, primitives.sum):
        return
    found: dict[int, Any] = {}
    for loss in output.parents:
        example = names.example(loss)
        if example is None or example in found:
            return
        found[example] = loss
    if all(len(cone.exits(loss)) == 1 for loss in found.values() if loss in cone.adjoints):
        names.losses = found


def name_targets(names: Naming, cone: Between) -> None:
    """Let constants that a loss compares with predictions be called t.

    They are plain numbers in the graph: what t - y subtracts from, the shares of a cross-entropy,
    and two numbers t and 1 - t by which a sum weighs its terms.
    """
    for node in cone.nodes:
        if node in names.units.of_node:
            continue
        operands = node.parents
        if node.primitive is primitives.softmax_cross_entropy:
            size = len(operands) // 2
            for logit, share in zip(operands[:size], operands[size:], strict=True):
                at = names.unit(logit)
                if at is not None and _is_nameless(share):
                    names.targets[share] = names.target(share, at, False)
        elif node.primitive is primitives.sub or _is_margin(node, cone):
            for constant, other in (operands, operands[::-1]):
                at = names.unit(other)
                if at is not None and other is at.activation and _is_nameless(constant):
                    names.targets[constant] = names.target(constant, at, names.is_alone(at))
        elif node.primitive is primitives.add:
            _name_weights(names, operands)


def _is_nameless(node: Any) -> bool:
    return bool(node.is_constant) and not node.label and not node.parents


def _is_margin(node: Any, cone: Between) -> bool:
    """Whether this is t s of a hinge loss, max(0, 1 - t s)."""
    if node.primitive is not primitives.mul:
        return False
    after = cone.exits(node)
    if len(after) != 1 or after[0][0].primitive is not primitives.sub or after[0][1] != 1:
        return False
    return bool(after[0][0].parents[0].data == 1.0 and after[0][0].parents[0].is_constant)


def _name_weights(names: Naming, terms: tuple[Any, ...]) -> None:
    weights = []
    for term in terms:
        if term.primitive is not primitives.mul:
            return
        constants = [x for x in term.parents if _is_nameless(x)]
        if len(constants) != 1:
            return
        weights.append(constants[0])
    if abs(weights[0].data + weights[1].data - 1.0) > 1e-15:
        return
    at = _unit_below(names, next(x for x in terms[0].parents if x is not weights[0]))
    if at is not None:
        t = names.target(weights[0], at, names.is_alone(at))
        names.targets[weights[0]], names.targets[weights[1]] = t, 1.0 - t


def _unit_below(names: Naming, node: Any) -> UnitAt | None:
    """The unit that a node is computed from by functions of one argument."""
    for _ in range(4):
        at = names.unit(node)
        if at is not None:
            return at
        varying = [parent for parent in node.parents if not parent.is_constant]
        if len(varying) != 1:
            return None
        node = varying[0]
    return None

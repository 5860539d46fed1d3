"""Which operation is wrong: each node of a recorded graph held against differences by itself.

Its rules against differences of its value; and where those are right, what the rules become when
they are differentiated again, against differences of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.functional import gradients
from autograd.graph import topological_order
from autograd.reverse import adjoints, local_derivatives
from autograd.selection import Value
from autograd.verification.differences import difference
from autograd.verification.noise import Noise
from autograd.verification.verdicts import judge

_FEW = 6
# Of a rule's derivative, what its rounding may be off.
_OFF = 1e-9


def first_wrong_operation(outputs: Sequence[Any]) -> str | None:
    """Return a sentence on the first node whose own rule differences refute; None if there is none.

    Only a clear refutation counts: a kink or noise does not.

    Args:
        outputs: The graph's outputs; what is no graph node is passed over.

    Example:
        >>> from autograd import Value, primitives
        >>> twisted = primitives.sin.replace(partials=(lambda out, x: -primitives.cos(x),))
        >>> first_wrong_operation([twisted(Value(1.0)) * 2.0])
        'the first wrong operation is sin (data=0.841...): its rule for operand 0 gives -0.540..., \
differences give 0.540... ± ...'
        >>> first_wrong_operation([Value(1.0).sin() * 2.0])
    """
    nodes = [out for out in outputs if isinstance(out, Value)]
    for node in topological_order(*nodes):
        if node.primitive is not None and node.primitive.is_reference:
            continue
        operands = [parent.data for parent in node.parents]
        rules = local_derivatives(node) if operands else []
        for position, claimed in enumerate(rules):
            if claimed is None:
                continue
            local = _operation(node.primitive, operands, position)
            measured = difference(local, operands[position], Noise())
            if judge(claimed, measured, 1.0) == "FAIL":
                measured = difference(local, operands[position])
                if judge(claimed, measured, 1.0) == "FAIL":
                    return (
                        f"the first wrong operation is {node.describe()}: its rule for operand "
                        f"{position} gives {claimed!r}, differences give "
                        f"{measured.value:.15g} ± {measured.error:.1g}"
                    )
    return None


def first_rule_wrong_again(outputs: Sequence[Any]) -> str | None:
    """Return a sentence on the first node whose rules are right, and their derivatives wrong.

    As those of a rule that takes a number out of the graph, or leans on a helper that is flat.

    Args:
        outputs: The graph's outputs; what is no graph node is passed over.

    Example:
        >>> from autograd import Value, primitives
        >>> forgetful = primitives.sin.replace(
        ...     partials=(lambda out, x: primitives.cos(getattr(x, "data", x)),)
        ... )
        >>> first_rule_wrong_again([forgetful(Value(1.0)) * 2.0])
        'the rule of sin (data=0.841...) for operand 0 is right, and wrong when it is differentiated
        again: by operand 0 that gives 0.0, differences of the rule give -0.841... ± ...'
        >>> first_rule_wrong_again([Value(1.0).sin() * 2.0])
    """
    nodes = [out for out in outputs if isinstance(out, Value)]
    for node in topological_order(*nodes):
        operands = [parent.data for parent in node.parents]
        for rule, operand in _pairs(len(operands)):
            claimed = _differentiated_again(node.primitive, operands, rule, operand)
            if claimed is None:
                continue
            slope = _rule(node.primitive, operands, rule, operand)
            measured = difference(slope, operands[operand])
            # In the mean of what there is, so that rounding of a rule is not called wrong.
            if judge(claimed, measured, 1.0, rounding=_OFF * measured.slope) == "FAIL":
                return (
                    f"the rule of {node.describe()} for operand {rule} is right, and wrong when it "
                    f"is differentiated again: by operand {operand} that gives {claimed!r}, "
                    f"differences of the rule give {measured.value:.15g} ± {measured.error:.1g}"
                )
    return None


def _pairs(arity: int) -> list[tuple[int, int]]:
    # Of many operands, each rule by its own operand and by the next one.
    if arity <= _FEW:
        return [(rule, operand) for rule in range(arity) for operand in range(arity)]
    return [(rule, (rule + next_one) % arity) for rule in range(arity) for next_one in (0, 1)]


def _differentiated_again(
    primitive: Any, operands: Sequence[float], rule: int, operand: int
) -> float | None:
    leaves = [Value(number) for number in operands]
    try:
        slope = gradients(primitive.apply(leaves), leaves)[rule]
        return float(adjoints(slope).get(leaves[operand], 0.0)) if slope.parents else 0.0
    except (ArithmeticError, ValueError):
        return None  # it does not exist there: nothing to refute


def _rule(
    primitive: Any, operands: Sequence[float], rule: int, operand: int
) -> Callable[[float], float]:
    def slope(x: float) -> float:
        leaves = [Value(number) for number in operands]
        leaves[operand] = Value(x)
        return float(adjoints(primitive.apply(leaves)).get(leaves[rule], 0.0))

    return slope


def _operation(
    primitive: Any, operands: Sequence[float], position: int
) -> Callable[[float], float]:
    def operation(x: float) -> float:
        moved = list(operands)
        moved[position] = x
        return float(primitive.forward(*moved))

    return operation
